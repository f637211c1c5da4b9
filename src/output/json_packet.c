// SPDX-License-Identifier: GPL-2.0-or-later
/* json_packet.c - one packet and its hops as JSON */
#include "json.h"

#include <stdlib.h>

/* In the order of the TCP_* bits; AE has no word in schema 1. */
static const char *const tcp_flags[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" };

static void put_flags(struct json *json, const struct header *header)
{
	if (!(header->have & HEADER_FLAGS)) {
		json_null(json, "tcp_flags");
		return;
	}
	json_open(json, "tcp_flags", '[');
	for (size_t i = 0; i < sizeof(tcp_flags) / sizeof(*tcp_flags); i++)
		if (header->tcp_flags & 1u << i)
			json_word(json, NULL, tcp_flags[i]);
	json_close(json, ']');
}

static void put_proto(struct json *json, const struct header *header)
{
	struct text text;

	if (header->family == FAMILY_ARP) {
		json_word(json, "proto", "arp");
	} else if (header->have & HEADER_PROTO) {
		text = format_proto(header->proto);
		json_word(json, "proto", text.s);
	} else {
		json_null(json, "proto");
	}
}

static void put_header(struct json *json, const struct header *h)
{
	bool addr = h->have & HEADER_ADDR, ports = h->have & HEADER_PORTS;

	put_proto(json, h);
	json_addr(json, "src", addr, &h->src);
	json_addr(json, "dst", addr, &h->dst);
	json_field(json, "sport", ports, JSON_FIELD(h->sport));
	json_field(json, "dport", ports, JSON_FIELD(h->dport));
	json_field(json, "length", h->have & HEADER_LEN, JSON_FIELD(h->length));
	json_field(json, "ttl", h->have & HEADER_TTL, JSON_FIELD(h->ttl));
	json_field(json, "ip_id", h->have & HEADER_ID, JSON_FIELD(h->id));
}

static void put_layer4(struct json *json, const struct header *h)
{
	put_flags(json, h);
	json_field(json, "tcp_seq", h->have & HEADER_SEQ, JSON_FIELD(h->tcp_seq));
	json_field(json, "tcp_ack", h->have & HEADER_SEQ, JSON_FIELD(h->tcp_ack));
	json_field(json, "icmp_type", h->have & HEADER_ICMP, JSON_FIELD(h->icmp_type));
	json_field(json, "icmp_code", h->have & HEADER_ICMP, JSON_FIELD(h->icmp_code));
}

void json_nat(struct json *json, const struct nat *nat)
{
	if (!nat) {
		json_null(json, "nat");
		return;
	}
	json_open(json, "nat", '{');
	json_addr(json, "src", nat->changed & NAT_SRC, &nat->ends->src);
	json_field(json, "sport", nat->changed & NAT_SPORT, JSON_FIELD(nat->ends->sport));
	json_addr(json, "dst", nat->changed & NAT_DST, &nat->ends->dst);
	json_field(json, "dport", nat->changed & NAT_DPORT, JSON_FIELD(nat->ends->dport));
	json_word(json, "by", source_of_name(nat->by));
	json_close(json, '}');
}

static void put_change(struct json *json, const struct change *change)
{
	bool addr = change->field == CHANGE_SRC || change->field == CHANGE_DST;

	json_open(json, change_name(change->field), '[');
	if (addr) {
		json_addr(json, NULL, true, change->from);
		json_addr(json, NULL, true, change->to);
	} else {
		json_field(json, NULL, true, change->from, change->size);
		json_field(json, NULL, true, change->to, change->size);
	}
	json_close(json, ']');
}

static void put_changes(struct json *json, const struct hop_view *hop)
{
	if (!hop->n_changes) {
		json_null(json, "changes");
		return;
	}
	json_open(json, "changes", '{');
	for (unsigned int i = 0; i < hop->n_changes; i++)
		put_change(json, &hop->changes[i]);
	json_close(json, '}');
}

static void put_hop(struct json *json, const struct hop_view *hop)
{
	static const struct hop nothing;
	const struct hop *seen = hop->hop ? hop->hop : &nothing;

	json_open(json, NULL, '{');
	json_uint(json, "n", hop->n);
	json_word(json, "family", family_name(hop->family));
	json_put_string(json, "table", hop->table);
	json_put_string(json, "chain", hop->chain);
	json_word(json, "hook", hook_name(hop->hook));
	json_word(json, "kind", hop_kind_name(hop->kind));
	json_nonzero(json, "rule", hop->rule);
	json_nonzero(json, "handle", hop->handle);
	json_word(json, "verdict", verdict_name(hop->verdict));
	json_word(json, "verdict_by", source_of_name(hop->by));
	json_put_string(json, "target", hop->target);
	json_uint(json, "depth", hop->depth);
	json_put_string(json, "iif", hop->iif);
	json_put_string(json, "oif", hop->oif);
	json_field(json, "mark", seen->have & HOP_MARK, JSON_FIELD(seen->mark));
	json_time(json, "time", &seen->stamp);
	json_uptime(json, "uptime", &seen->stamp);
	json_put_string(json, "prefix", hop->prefix);
	json_put_string(json, "text", hop->text);
	put_changes(json, hop);
	json_close(json, '}');
}

void json_stop(struct json *json, const struct model *model, uint32_t path,
	       const struct decision *d)
{
	struct hop_view hop;

	if (d->stop < 0) {
		json_null(json, "stopped_at");
		return;
	}
	model_path_step(model, path, (size_t)d->stop, &hop);
	json_open(json, "stopped_at", '{');
	json_uint(json, "hop", hop.n);
	json_put_string(json, "table", hop.table);
	json_put_string(json, "chain", hop.chain);
	json_word(json, "kind", hop_kind_name(hop.kind));
	json_nonzero(json, "rule", hop.rule);
	json_nonzero(json, "handle", hop.handle);
	json_close(json, '}');
}

/* Paths are short; the few that are not get room of their own. */
void json_path(struct json *json, const struct model *model, uint32_t path)
{
	char some[2048], *more;
	size_t n = model_path_text(model, path, some, sizeof(some));

	if (n < sizeof(some)) {
		json_put_string(json, "path", (struct str){ some, n });
		return;
	}
	more = malloc(n + 1);
	if (!more) {
		json_put_string(json, "path", (struct str){ some, sizeof(some) - 1 });
		return;
	}
	model_path_text(model, path, more, n + 1);
	json_put_string(json, "path", (struct str){ more, n });
	free(more);
}

static void put_devices(struct json *json, const struct model *model, const struct packet *packet)
{
	sym_t iif = 0, oif = 0;

	for (size_t i = 0; i < packet->n_hops; i++) {
		iif = iif ? iif : packet->hops[i].iif;
		oif = packet->hops[i].oif ? packet->hops[i].oif : oif;
	}
	json_put_string(json, "iif", model_text(model, iif));
	json_put_string(json, "oif", model_text(model, oif));
}

static void put_hops(struct json *json, const struct model *model, const struct packet *packet)
{
	struct hop_view view;

	json_open(json, "hops", '[');
	for (size_t i = 0; i < packet->n_hops; i++) {
		model_hop(model, packet, i, &view);
		put_hop(json, &view);
	}
	json_close(json, ']');
}

static void put_end(struct json *json, const struct model *model, const struct packet *packet)
{
	char reason[512];
	struct decision d;

	model_decide(model, packet, &d);
	json_word(json, "outcome", outcome_name(d.outcome));
	json_word(json, "certainty", certainty_name(d.certainty));
	json_stop(json, model, packet->path, &d);
	json_word(json, "lost_after", hook_name(d.lost_after));
	json_put_string(json, "reason",
			model_reason(model, packet->path, &d, reason, sizeof(reason)));
}

/* struct subject - what is written */
struct subject {
	const struct model *model;
	const struct packet *packet;
	const struct flow *flow;
};

static void put_packet(struct json *json, const void *who)
{
	static const struct hop nothing;
	const struct subject *subject = who;
	const struct model *model = subject->model;
	const struct packet *packet = subject->packet;
	const struct flow *flow = subject->flow;
	const struct hop *first = packet->n_hops ? &packet->hops[0] : &nothing;
	struct nat nat;

	json_open(json, NULL, '{');
	json_word(json, "type", "packet");
	json_field(json, "no", true, JSON_FIELD(packet->no));
	if (flow)
		json_field(json, "flow", true, JSON_FIELD(flow->no));
	else
		json_null(json, "flow");
	json_put_string(json, "host", model_text(model, packet->host));
	json_time(json, "time", &first->stamp);
	json_uptime(json, "uptime", &first->stamp);
	json_word(json, "family", family_name((enum family)packet->first.family));
	put_devices(json, model, packet);
	put_header(json, &packet->first);
	json_field(json, "mark", first->have & HOP_MARK, JSON_FIELD(first->mark));
	put_layer4(json, &packet->first);
	json_nat(json, model_packet_nat(model, packet, &nat) ? &nat : NULL);
	put_hops(json, model, packet);
	json_path(json, model, packet->path);
	put_end(json, model, packet);
	json_close(json, '}');
}

/* ---- what a packet's JSON depends on, but for its own values ---- */

#define KEY_HEAD 8
#define KEY_HOP	 2
#define MAX_HOPS ((JSON_KEY - KEY_HEAD) / KEY_HOP) /* packets with more are like no other */

static size_t key_of_decision(uint64_t *key, const struct decision *d)
{
	key[0] = (uint64_t)d->outcome << 56 | (uint64_t)d->certainty << 48 |
		 (uint64_t)d->reason << 32 | (uint32_t)d->stop;
	key[1] = (uint64_t)d->lost_after << 48 | (uint64_t)d->at << 32 |
		 (uint64_t)d->missing_hook << 16 | (uint64_t)d->missing_table;
	return 2;
}

static size_t key_of_header(uint64_t *key, const struct header *h)
{
	key[0] = (uint64_t)h->have << 32 |
		 (uint64_t)(h->have & HEADER_FLAGS ? h->tcp_flags : 0) << 16 |
		 (uint64_t)(h->have & HEADER_PROTO ? h->proto : 0) << 8 | h->family;
	return 1;
}

static size_t key_of_hop(uint64_t *key, const struct model *model, const struct packet *packet,
			 size_t i)
{
	const struct hop *hop = &packet->hops[i];

	key[0] = (uint64_t)hop->iif << 32 | hop->oif;
	key[1] = (uint64_t)model_hop_changes(packet, i) << 32 |
		 (uint64_t)model_hop_hook(model, packet, i) << 24 |
		 (uint64_t)hop->stamp.have << 16 | (uint64_t)hop->at << 8 | hop->have;
	return KEY_HOP;
}

static size_t key_of(uint64_t *key, const struct subject *subject)
{
	const struct packet *packet = subject->packet;
	struct decision d;
	struct nat nat;
	size_t n = 0;

	model_decide(subject->model, packet, &d);
	model_packet_nat(subject->model, packet, &nat);
	key[n++] = (uint64_t)JSON_PACKET << 56 | (uint64_t)(subject->flow != NULL) << 48 |
		   (uint64_t)packet->n_ends << 40 | (uint64_t)nat.changed << 32 | packet->path;
	key[n++] = (uint64_t)packet->n_hops << 32 | packet->host;
	n += key_of_decision(key + n, &d);
	n += key_of_header(key + n, &packet->first);
	for (size_t i = 0; i < packet->n_hops; i++)
		n += key_of_hop(key + n, subject->model, packet, i);
	return n;
}

void json_packet(struct json *json, const struct model *model, const struct packet *packet)
{
	const struct subject subject = { model, packet, model_flow_of(model, packet) };
	struct json_alike alike;

	if (packet->n_hops > MAX_HOPS) {
		put_packet(json, &subject);
		return;
	}
	alike.n = key_of(alike.key, &subject);
	alike.parts[0] = (struct json_part){ packet, sizeof(*packet) };
	alike.parts[1] = (struct json_part){ packet->hops, packet->n_hops * sizeof(*packet->hops) };
	alike.parts[2] = (struct json_part){ subject.flow, subject.flow ? sizeof(struct flow) : 0 };
	alike.put = put_packet;
	alike.who = &subject;
	json_alike(json, &alike);
}
