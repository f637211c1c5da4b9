/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_invalid.c - packets that conntrack called invalid, and what makes them so
 *
 * The kernel's own line tells why, where it is switched on. Else a rule that asks for INVALID and
 * that the packet met tells that it was; why can only be guessed from what kind of packet it is
 * (nf_conntrack_proto_tcp.c of Linux 6.18: the row of tcp_conntracks for no connection, tcp_new(),
 * tcp_in_window()).
 */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* What the prefix of conntrack's own line says; empty if it has none. */
static struct str told_why(const struct model *m, uint32_t path)
{
	for (size_t i = 0; i < paths_length(m->paths, path); i++) {
		struct str prefix = sym_text(m->syms, paths_hop(m->paths, path, i).step->prefix);

		if (str_starts(prefix, STR("nf_ct_")))
			return prefix;
	}
	return STR("");
}

/* The same of a rule that only a trace prints: a word of it, no part of a name or a prefix. */
static bool asks_invalid(struct str text)
{
	size_t at = str_find(text, STR("ct state invalid "));
	bool quoted = false;

	for (size_t i = 0; i < at; i++)
		quoted ^= text.p[i] == '"';
	return at < text.n && !quoted && (!at || text.p[at - 1] == ' ');
}

/* Does a rule take the packet at that hop only because it is invalid? */
static bool takes_invalid(const struct model *m, const struct path_hop *hop)
{
	const struct rule *rule = hop->meaning->rule;

	if (!rule)
		return hop->step->kind == HOP_RULE &&
		       asks_invalid(sym_text(m->syms, hop->step->text));
	return (rule->flags & RULE_NEEDS_CT) && rule_ct_states(rule, hop->verdict) == CT_INVALID;
}

size_t taken_for_invalid(const struct model *m, uint32_t path)
{
	size_t n = paths_length(m->paths, path), i = 0;

	for (; i < n; i++) {
		struct path_hop hop = paths_hop(m->paths, path, i);

		if (takes_invalid(m, &hop))
			break;
	}
	return i;
}

/* clang-format off */
#define GONE                                                                                       \
	"conntrack no longer knows its connection, which is over or was forgotten, or its "        \
	"sequence lies outside of the window"

/* The first row that fits the packet. @began: the flow was seen to begin with a SYN, -1: either */
static const struct {
	uint8_t proto;
	uint16_t mask, flags;
	int began;
	const char *words;
} reasons[] = {
	{ 6, TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK, 0,
	  "a SYN-ACK whose SYN did not pass here: the request takes another way" },
	{ 6, TCP_SYN | TCP_ACK, TCP_SYN, -1,
	  "a SYN is invalid by its checksum, or by flags that do not go together" },
	{ 6, TCP_RST, TCP_RST, 1, GONE },
	{ 6, TCP_FIN, TCP_FIN, 1, GONE },
	{ 6, TCP_RST, TCP_RST, 0,
	  "a RST of a connection that is not known here: it is over, or its packets take another "
	  "way" },
	{ 6, TCP_FIN, TCP_FIN, 0,
	  "a FIN of a connection that is not known here: it is over, or its packets take another "
	  "way" },
	{ 6, 0, 0, 0,
	  "its connection is not known here (nf_conntrack_tcp_loose), or its sequence lies outside "
	  "of the window: packets of it take another way" },
	{ 6, 0, 0, 1,
	  "its sequence or acknowledgement lies outside of the window: a late or repeated packet, "
	  "or others of the connection take another way; or its checksum is wrong" },
	{ 1, 0, 0, -1, "an answer or an ICMP error to what did not pass here" },
	{ 58, 0, 0, -1, "an answer or an ICMP error to what did not pass here" },
	{ 0, 0, 0, -1, "its checksum or its length is wrong" },
};
/* clang-format on */

static const char *likely_why(const struct flow *flow, const struct packet *p)
{
	unsigned int flags = p && (p->first.have & HEADER_FLAGS) ? p->first.tcp_flags : 0;
	uint8_t proto = p ? p->first.proto : flow->there.proto;
	bool began = tcp_opens(flow->first_flags);
	size_t i = 0;

	while (reasons[i].proto &&
	       (reasons[i].proto != proto || (flags & reasons[i].mask) != reasons[i].flags ||
		(reasons[i].began >= 0 && reasons[i].began != began)))
		i++;
	return reasons[i].words;
}

/* "nf_ct_proto_6: invalid new", "fw forward rule 1 took it for invalid; most often: ..." */
static struct str why_invalid(const struct model *m, const struct flow *flow,
			      const struct flow_path *fp)
{
	struct str told = told_why(m, fp->path);
	size_t i = taken_for_invalid(m, fp->path);
	struct hop_view hop, by;
	char place[256], by_place[256];
	bool sure;

	if (told.n)
		return text("%.*s", STR_ARG(told));
	if (i == paths_length(m->paths, fp->path))
		return text("conntrack does not say why");
	model_path_hop(m, flow, fp->path, i, &hop);
	hop_place(&hop, place, sizeof(place));
	if (untracked_by(m, flow, !fp->back, &by)) {
		hop_place(&by, by_place, sizeof(by_place));
		return text("%s took it for that: %s takes the packets that it answers out of "
			    "connection tracking (notrack), so conntrack knows no such connection",
			    place, by_place);
	}
	if (was_forgotten(m, flow, fp, &sure))
		return text("%s took it for that; %s", place,
			    sure ? "most likely conntrack had forgotten the connection"
				 : "either conntrack had forgotten the connection, or its sequence "
				   "lies "
				   "outside of the window");
	return text("%s took it for that; most likely %s", place,
		    !refuses_inner(m, flow, fp) ? likely_why(flow, fp->sample)
		    : flow->there.proto == 6 ? "a RST to the address behind DNAT, where its sender "
					       "has no connection"
					     : "an ICMP error to the address behind DNAT, about "
					       "what did not pass here");
}

/* The kernel says why if it is asked: of TCP alone, or of every protocol. */
static void confirm_invalid(struct finding *f, bool told)
{
	if (!told)
		finding_confirm(f, text("sysctl -w net.netfilter.nf_conntrack_log_invalid=255"));
	finding_confirm(f, text("conntrack -S"));
}

/* struct invalid - the finding of one host while it is drawn; @no: its number + 1, 0: none yet */
struct invalid {
	size_t no;
	uint64_t packets;
	bool told;
};

/* @hosts: by scope; @by_rule: of each path, 0 not asked, 1 no, 2 yes; @n: findings so far */
struct invalids {
	struct invalid *hosts;
	uint8_t *by_rule;
	size_t n;
};

static bool is_invalid(const struct model *m, const struct flow_path *fp, struct invalids *x)
{
	uint8_t *known = &x->by_rule[fp->path];

	if (fp->flags & PACKET_CT_INVALID)
		return true;
	if (!*known)
		*known = taken_for_invalid(m, fp->path) < paths_length(m->paths, fp->path) ? 2 : 1;
	return *known == 2;
}

/* finding_of - the host's; NULL if there is no memory */
static struct finding *finding_of(struct model *m, const struct finding_row *row,
				  const struct flow *flow, struct invalids *x)
{
	struct invalid *of = &x->hosts[flow->scope];
	struct finding *f;

	if (of->no)
		return &m->findings[of->no - 1];
	f = finding_add(m, row, (struct str){ NULL, 0 });
	if (!f)
		return NULL;
	f->flow = flow->no;
	of->no = m->n_findings;
	x->n++;
	return f;
}

static int take_path(struct model *m, const struct finding_row *row, const struct flow *flow,
		     const struct flow_path *fp, struct invalids *x)
{
	struct invalid *of = &x->hosts[flow->scope];
	struct str why, name;
	struct finding *f;

	if (!is_invalid(m, fp, x) || !model_path_shown(m, flow, fp) ||
	    (!of->no && x->n == ONE_KIND_MAX))
		return 0;
	f = finding_of(m, row, flow, x);
	if (!f)
		return -ENOMEM;
	of->packets += fp->packets;
	of->told |= told_why(m, fp->path).n != 0;
	finding_packet(f, fp->sample);
	why = why_invalid(m, flow, fp);
	name = flow_name(flow);
	finding_evidence(f, text("%.*s: %.*s", STR_ARG(name), STR_ARG(why)));
	text_free(name);
	text_free(why);
	return 0;
}

static int take_all(struct model *m, const struct finding_row *row, struct invalids *x)
{
	int err = 0;

	for (size_t i = 0; i < flows_slots(m->flows) && !err; i++) {
		const struct flow *flow = flows_at(m->flows, i);

		for (uint32_t k = 0; flow && k < flow->n_paths && !err; k++)
			err = take_path(m, row, flow, &flow->paths[k], x);
	}
	return err;
}

static int say_invalid(struct finding *f, const struct invalid *of)
{
	f->text = text("conntrack called %s packet%s invalid; rules that match ctstate "
		       "INVALID, or only NEW and ESTABLISHED, treat %s so.",
		       number_text(of->packets).s, plural(of->packets),
		       of->packets == 1 ? "it" : "them");
	confirm_invalid(f, of->told);
	return f->text.p ? 0 : -ENOMEM;
}

int draw_ct_invalid(struct model *m, const struct finding_row *row)
{
	struct invalids x = { .hosts = calloc(m->n_hosts + 1, sizeof(*x.hosts)),
			      .by_rule = calloc(paths_count(m->paths) + 1, 1) };
	int err = x.hosts && x.by_rule ? take_all(m, row, &x) : -ENOMEM;

	for (size_t i = 0; x.hosts && i < m->n_hosts; i++)
		if (x.hosts[i].no && say_invalid(&m->findings[x.hosts[i].no - 1], &x.hosts[i]))
			err = -ENOMEM;
	free(x.hosts);
	free(x.by_rule);
	return err;
}
