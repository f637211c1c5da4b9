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
	json_fact(json, "sport", ports, h->sport);
	json_fact(json, "dport", ports, h->dport);
	json_fact(json, "length", h->have & HEADER_LEN, h->length);
	json_fact(json, "ttl", h->have & HEADER_TTL, h->ttl);
	json_fact(json, "ip_id", h->have & HEADER_ID, h->id);
}

static void put_layer4(struct json *json, const struct header *h)
{
	put_flags(json, h);
	json_fact(json, "tcp_seq", h->have & HEADER_SEQ, h->tcp_seq);
	json_fact(json, "tcp_ack", h->have & HEADER_SEQ, h->tcp_ack);
	json_fact(json, "icmp_type", h->have & HEADER_ICMP, h->icmp_type);
	json_fact(json, "icmp_code", h->have & HEADER_ICMP, h->icmp_code);
}

void json_nat(struct json *json, const struct nat *nat)
{
	if (!nat) {
		json_null(json, "nat");
		return;
	}
	json_open(json, "nat", '{');
	json_addr(json, "src", nat->changed & NAT_SRC, &nat->ends.src);
	json_fact(json, "sport", nat->changed & NAT_SPORT, nat->ends.sport);
	json_addr(json, "dst", nat->changed & NAT_DST, &nat->ends.dst);
	json_fact(json, "dport", nat->changed & NAT_DPORT, nat->ends.dport);
	json_word(json, "by", source_of_name(nat->by));
	json_close(json, '}');
}

static void put_change(struct json *json, const struct change *change)
{
	bool addr = change->field == CHANGE_SRC || change->field == CHANGE_DST;

	json_open(json, change_name(change->field), '[');
	if (addr) {
		json_addr(json, NULL, true, &change->from_addr);
		json_addr(json, NULL, true, &change->to_addr);
	} else {
		json_uint(json, NULL, change->from);
		json_uint(json, NULL, change->to);
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
	json_fact(json, "mark", seen->have & HOP_MARK, seen->mark);
	json_time(json, "time", &seen->stamp);
	json_uptime(json, "uptime", &seen->stamp);
	json_put_string(json, "prefix", hop->prefix);
	json_put_string(json, "text", hop->text);
	put_changes(json, hop);
	json_close(json, '}');
}

void json_stop(struct json *json, const struct hop_view *hop)
{
	if (!hop) {
		json_null(json, "stopped_at");
		return;
	}
	json_open(json, "stopped_at", '{');
	json_uint(json, "hop", hop->n);
	json_put_string(json, "table", hop->table);
	json_put_string(json, "chain", hop->chain);
	json_word(json, "kind", hop_kind_name(hop->kind));
	json_nonzero(json, "rule", hop->rule);
	json_nonzero(json, "handle", hop->handle);
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
	struct hop_view stop;

	model_decide(model, packet, &d);
	if (d.stop >= 0)
		model_hop(model, packet, (size_t)d.stop, &stop);
	json_word(json, "outcome", outcome_name(d.outcome));
	json_word(json, "certainty", certainty_name(d.certainty));
	json_stop(json, d.stop >= 0 ? &stop : NULL);
	json_word(json, "lost_after", hook_name(d.lost_after));
	json_put_string(json, "reason",
			model_reason(model, packet->path, &d, reason, sizeof(reason)));
}

void json_packet(struct json *json, const struct model *model, const struct packet *packet)
{
	static const struct hop nothing;
	const struct hop *first = packet->n_hops ? &packet->hops[0] : &nothing;
	const struct flow *flow = model_flow_of(model, packet);
	struct nat nat;

	json_open(json, NULL, '{');
	json_word(json, "type", "packet");
	json_uint(json, "no", packet->no);
	json_fact(json, "flow", flow, flow ? flow->no : 0);
	json_put_string(json, "host", model_text(model, packet->host));
	json_time(json, "time", &first->stamp);
	json_uptime(json, "uptime", &first->stamp);
	json_word(json, "family", family_name((enum family)packet->first.family));
	put_devices(json, model, packet);
	put_header(json, &packet->first);
	json_fact(json, "mark", first->have & HOP_MARK, first->mark);
	put_layer4(json, &packet->first);
	json_nat(json, model_packet_nat(model, packet, &nat) ? &nat : NULL);
	put_hops(json, model, packet);
	json_path(json, model, packet->path);
	put_end(json, model, packet);
	json_close(json, '}');
}
