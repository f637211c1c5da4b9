// SPDX-License-Identifier: GPL-2.0-or-later
/* text_words.c - places, endpoints, outcomes and times in plain words */
#include "text.h"

#include "nfhop/format.h"
#include "nfhop/addr.h"
#include "nfhop/names.h"

struct writer text_writer(const struct report *report)
{
	struct writer writer = { .out = report->out, .color = report->color, .utf8 = report->utf8 };

	writer_fit(&writer, report->width);
	return writer;
}

static const enum role glyph_roles[GLYPH_MAX] = {
	[GLYPH_PASS] = ROLE_PASS,
	[GLYPH_STOP] = ROLE_STOP,
	[GLYPH_LOST] = ROLE_UNSURE,
	[GLYPH_UNKNOWN] = ROLE_UNSURE,
};

static const char *const glyph_kinds[GLYPH_MAX] = {
	[GLYPH_PASS] = "pass",
	[GLYPH_STOP] = "stop",
	[GLYPH_LOST] = "lost",
	[GLYPH_UNKNOWN] = "unknown",
};

const char *glyph_kind(enum glyph glyph)
{
	return glyph_kinds[glyph];
}

void text_mark(struct writer *writer, enum glyph glyph)
{
	writer_begin(writer, SECTION_MARK, glyph_kind(glyph));
	writer_role(writer, glyph_roles[glyph]);
	writer_glyph(writer, glyph);
	writer_role(writer, ROLE_PLAIN);
	writer_end(writer, SECTION_MARK);
}

enum glyph outcome_glyph(enum outcome outcome)
{
	if (outcome == OUTCOME_LOST)
		return GLYPH_LOST;
	if (outcome_stops(outcome))
		return GLYPH_STOP;
	return outcome_passes(outcome) ? GLYPH_PASS : GLYPH_UNKNOWN;
}

void text_proto(struct writer *writer, uint8_t family, bool known, uint8_t proto)
{
	struct text text = format_proto(proto);

	if (family == FAMILY_ARP || (!known && family == FAMILY_IP) ||
	    (!known && family == FAMILY_IP6))
		writer_word(writer, family_name(family));
	else if (!known)
		writer_word(writer, "frame");
	else if (ip_proto_name(proto))
		writer_word(writer, text.s);
	else
		writer_format(writer, "protocol %s", text.s);
}

#define ENDPOINT_SIZE  64 /* of the longest, in brackets, with its port */
#define ENDPOINT_LEAST 12 /* "[2001…]:8080" */

static size_t print_endpoint(char buf[ENDPOINT_SIZE], const struct addr *addr, bool with_port,
			     uint16_t port)
{
	bool brackets = with_port && !addr_is_ip4(addr);
	int n = snprintf(buf, ENDPOINT_SIZE, brackets ? "[%s]" : "%s", addr_text(addr).s);

	if (with_port)
		n += snprintf(buf + n, ENDPOINT_SIZE - (size_t)n, ":%u", port);
	return (size_t)n;
}

/* What is cut out is in the middle: networks and ports tell more. */
static void put_endpoint(struct writer *writer, const char *buf, size_t n, size_t room)
{
	size_t head = (room - 1) / 2;

	if (n <= room) {
		writer_word(writer, buf);
		return;
	}
	writer_format(writer, "%.*s", (int)head, buf);
	writer_word(writer, writer->utf8 ? "…" : ">");
	writer_word(writer, buf + n - (room - head - 1));
}

void text_endpoint_within(struct writer *writer, const struct addr *addr, bool with_port,
			  uint16_t port, size_t room)
{
	char buf[ENDPOINT_SIZE];
	size_t n = print_endpoint(buf, addr, with_port, port);

	put_endpoint(writer, buf, n, room > ENDPOINT_LEAST ? room : ENDPOINT_LEAST);
}

void text_endpoint(struct writer *writer, const struct addr *addr, bool with_port, uint16_t port)
{
	text_endpoint_within(writer, addr, with_port, port, ENDPOINT_SIZE);
}

void text_endpoints_within(struct writer *writer, const struct endpoints *ends, bool ports,
			   size_t room)
{
	char src[ENDPOINT_SIZE], dst[ENDPOINT_SIZE];
	size_t n_src = print_endpoint(src, &ends->src, ports, ends->sport), src_room = n_src;
	size_t n_dst = print_endpoint(dst, &ends->dst, ports, ends->dport), dst_room = n_dst;

	while (src_room + 3 + dst_room > room && src_room + dst_room > 2 * ENDPOINT_LEAST) {
		src_room -= src_room >= dst_room;
		dst_room -= src_room < dst_room;
	}
	put_endpoint(writer, src, n_src, src_room);
	writer_word(writer, " ");
	writer_glyph(writer, GLYPH_RIGHT);
	writer_word(writer, " ");
	put_endpoint(writer, dst, n_dst, dst_room);
}

void text_endpoints(struct writer *writer, const struct endpoints *ends, bool ports)
{
	text_endpoints_within(writer, ends, ports, SIZE_MAX);
}

void text_header(struct writer *writer, const struct header *h)
{
	if (h->have & HEADER_UNSEEN)
		writer_word(writer, "packet without headers");
	else
		text_proto(writer, h->family, h->have & HEADER_PROTO, h->proto);
	if (!(h->have & HEADER_ADDR))
		return;
	writer_word(writer, " ");
	text_endpoints(writer, &(struct endpoints){ h->src, h->dst, h->sport, h->dport },
		       h->have & HEADER_PORTS);
}

static void put_icmp(struct writer *writer, bool v6, uint8_t type, uint8_t code)
{
	const char *name = names_of_icmp(v6, type), *why = NULL;

	if (type == (v6 ? 1 : 3))
		why = names_of_unreachable(v6, code);
	writer_word(writer, " ");
	if (name)
		writer_word(writer, name);
	else
		writer_format(writer, "type %u", type);
	if (why)
		writer_format(writer, " %s", why);
	else if (code)
		writer_format(writer, " code %u", code);
}

void text_flow_icmp(struct writer *writer, const struct flow *flow)
{
	if (flow->icmp_kinds == 1)
		put_icmp(writer, flow->there.proto == 58, (uint8_t)(flow->icmp >> 8),
			 (uint8_t)flow->icmp);
}

void text_host(struct writer *writer, const struct model *model, sym_t host)
{
	struct str name = model_host_told(model, host);

	if (!name.n)
		return;
	writer_text(writer, name);
	writer_word(writer, ": ");
}

/* Of ICMP the two "ports" are the echo id. */
void text_flow_name(struct writer *writer, const struct flow *flow)
{
	text_flow_name_within(writer, flow, SIZE_MAX);
}

void text_flow_name_within(struct writer *writer, const struct flow *flow, size_t room)
{
	size_t began = writer->column;
	const struct tuple *tuple = &flow->there;
	bool icmp = tuple->proto == 1 || tuple->proto == 58;

	if (tuple->unseen)
		writer_word(writer, "packet without headers");
	else
		text_proto(writer, tuple->family, tuple->known, tuple->proto);
	text_flow_icmp(writer, flow);
	if (tuple->family == FAMILY_NONE)
		return;
	writer_word(writer, " ");
	began = writer->column - began;
	text_endpoints_within(writer, &tuple->ends, tuple->ports && !icmp,
			      room > began ? room - began : 0);
	if (tuple->ports && icmp)
		writer_format(writer, " id %u", tuple->ends.sport);
}

#define PLACE_SIZE 4096

static void put_cut(struct writer *writer, const char *buf, size_t n)
{
	writer_text(writer, (struct str){ buf, n < PLACE_SIZE ? n : PLACE_SIZE - 1 });
}

void text_rule(struct writer *writer, const struct hop_view *hop)
{
	char buf[PLACE_SIZE];

	put_cut(writer, buf, hop_rule(hop, buf, sizeof(buf)));
}

void text_table(struct writer *writer, const struct hop_view *hop)
{
	if (hop->apart.n) {
		writer_text(writer, hop->apart);
		writer_word(writer, " ");
	}
	writer_text(writer, hop->table);
}

void text_place(struct writer *writer, const struct hop_view *hop)
{
	char buf[PLACE_SIZE];

	put_cut(writer, buf, hop_place(hop, buf, sizeof(buf)));
}

void text_logged(struct writer *writer, const struct hop_view *hop)
{
	char buf[512];
	size_t n = hop_logged(hop, buf, sizeof(buf));

	writer_text(writer, (struct str){ buf, n < sizeof(buf) ? n : sizeof(buf) - 1 });
}

void text_hook(struct writer *writer, const struct hop_view *hop)
{
	unsigned int n = 0;

	if (hop->hook != HOOK_NONE) {
		writer_word(writer, hook_title(hop->hook));
		return;
	}
	for (unsigned int h = HOOK_NONE + 1; h < HOOK_MAX; h++)
		if (hop->hooks & HOOK_BIT(h)) {
			writer_word(writer, n++ ? " or " : "");
			writer_word(writer, hook_title((enum hook)h));
		}
	if (!n)
		writer_word(writer, "some hook");
}

void text_details(struct writer *writer, const struct header *h)
{
	static const char *const flags[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG" };

	for (size_t i = 0; i < 6; i++)
		if ((h->have & HEADER_FLAGS) && (h->tcp_flags & 1u << i))
			writer_format(writer, " %s", flags[i]);
	if (h->have & HEADER_ICMP)
		put_icmp(writer, h->proto == 58, h->icmp_type, h->icmp_code);
	if (h->have & HEADER_ID)
		writer_format(writer, " id %u", h->id);
}

size_t way_length(const struct model *model, const struct way *way)
{
	return way->packet ? way->packet->n_hops : model_path_length(model, way->path);
}

void way_hop(const struct model *model, const struct way *way, size_t i, struct hop_view *hop)
{
	if (way->packet)
		model_hop(model, way->packet, i, hop);
	else
		model_path_hop(model, way->flow, way->path, i, hop);
}

struct way way_of(const struct flow *flow, const struct flow_path *fp)
{
	return (struct way){ flow, fp->path, fp->sample };
}

/* The device it left by: the last one that the packet shows. */
static struct str last_device(const struct model *model, const struct way *way)
{
	sym_t oif = 0;

	for (size_t i = 0; way->packet && i < way->packet->n_hops; i++)
		oif = way->packet->hops[i].oif ? way->packet->hops[i].oif : oif;
	return model_text(model, oif);
}

static void text_left(struct writer *writer, const struct model *model, const struct way *way,
		      const struct decision *d)
{
	struct str device = last_device(model, way);

	if (d->reason == REASON_REDIRECTED) {
		writer_word(writer, "redirected to this host");
		return;
	}
	writer_word(writer, device.n ? "left by " : "left this host");
	writer_text(writer, device);
}

static void text_stopped(struct writer *writer, const struct model *model, const struct way *way,
			 const struct decision *d)
{
	struct hop_view hop;

	writer_word(writer, d->outcome == OUTCOME_REJECTED ? "rejected" : "stopped");
	if (d->stop < 0)
		return;
	way_hop(model, way, (size_t)d->stop, &hop);
	writer_word(writer, " in ");
	text_hook(writer, &hop);
	if (hop_only_logs(&hop)) {
		writer_word(writer, ", ");
		text_logged(writer, &hop);
		return;
	}
	writer_word(writer, " by ");
	text_place(writer, &hop);
}

const struct taking *way_taking(const struct model *model, const struct way *way)
{
	struct hop_view hop = { .verdict = VERDICT_NONE };
	size_t n = way_length(model, way);

	if (n)
		way_hop(model, way, n - 1, &hop);
	return taking_of(hop.verdict, hop.text);
}

void text_outcome(struct writer *writer, const struct model *model, const struct way *way,
		  const struct decision *d)
{
	switch (d->outcome) {
	case OUTCOME_FORWARDED:
	case OUTCOME_SENT:
		text_left(writer, model, way, d);
		break;
	case OUTCOME_DELIVERED:
		writer_word(writer, "delivered to this host");
		break;
	case OUTCOME_DROPPED:
	case OUTCOME_REJECTED:
		text_stopped(writer, model, way, d);
		break;
	case OUTCOME_LOST:
		writer_word(writer, "lost after ");
		writer_word(writer, d->lost_after ? hook_title(d->lost_after) : "its last hop");
		break;
	case OUTCOME_QUEUED:
		writer_word(writer, way_taking(model, way)->what);
		break;
	case OUTCOME_UNKNOWN:
	case OUTCOME_MAX:
		writer_word(writer, "not known what became of it");
	}
}

static const char *const sure_words[CERTAINTY_MAX] = {
	[CERTAINTY_NONE] = "Not known: ",
	[CERTAINTY_INFERRED] = "Inferred: ",
	[CERTAINTY_RULESET] = "Sure: ",
	[CERTAINTY_STATED] = "Sure: ",
};

/* The sentence follows a colon; a name at its beginning stays as it is in the log. */
static void lower_first(char *sentence)
{
	static const char *const starts[] = { "It ", "Its ", "The ", "Events ", "Nothing " };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strncmp(sentence, starts[i], strlen(starts[i])))
			sentence[0] = (char)(sentence[0] - 'A' + 'a');
}

void text_sure(struct writer *writer, const struct model *model, uint32_t path,
	       const struct decision *d)
{
	char buf[512];
	struct str reason = model_reason(model, path, d, buf, sizeof(buf));

	if (!reason.n)
		return;
	lower_first(buf);
	writer_word(writer, sure_words[d->certainty]);
	writer_sentence(writer, TEXT_INDENT, reason);
}

static bool same_day(const struct text *a, const struct text *b)
{
	return !strcmp(a->s, b->s);
}

static void text_wall(struct writer *writer, const struct stamp *first, const struct stamp *last)
{
	struct text from = format_day(first), to = format_day(last);
	struct text start = format_clock(first), end = format_clock(last);

	writer_format(writer, "%s%s%s", from.s, *from.s ? " " : "", start.s);
	if (same_day(&from, &to) && !strcmp(start.s, end.s))
		return;
	writer_glyph(writer, GLYPH_TO);
	if (!same_day(&from, &to))
		writer_format(writer, "%s ", to.s);
	writer_word(writer, end.s);
}

void text_span(struct writer *writer, const struct stamp *first, const struct stamp *last)
{
	if (first->have & last->have & STAMP_WALL) {
		text_wall(writer, first, last);
	} else if (first->have & last->have & STAMP_UP) {
		char from[32], to[32];

		snprintf(from, sizeof(from), "%.3f", (double)first->up_ns / 1e9);
		snprintf(to, sizeof(to), "%.3f", (double)last->up_ns / 1e9);
		writer_word(writer, from);
		if (strcmp(from, to)) {
			writer_glyph(writer, GLYPH_TO);
			writer_word(writer, to);
		}
		writer_word(writer, " ");
		writer_word(writer, format_since(last));
	}
}
