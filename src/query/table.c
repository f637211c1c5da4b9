/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.c - the table of primitives: one row is one word of the language */
#include "tree.h"

#define PORT_MAX 65535

/* clang-format off */
const struct primitive primitives[] = {
	{ { "host", "ADDRESS", "source or destination, before or after NAT", QUERY_HOST },
	  operand_addr },
	{ { "src", "ADDRESS", "source, before or after NAT", QUERY_SRC }, operand_addr },
	{ { "dst", "ADDRESS", "destination, before or after NAT", QUERY_DST }, operand_addr },
	{ { "port", "PORT", "source or destination port, before or after NAT", QUERY_PORT },
	  operand_port, 0, PORT_MAX },
	{ { "sport", "PORT", "source port, before or after NAT", QUERY_SPORT },
	  operand_port, 0, PORT_MAX },
	{ { "dport", "PORT", "destination port, before or after NAT", QUERY_DPORT },
	  operand_port, 0, PORT_MAX },
	{ { "tcp", NULL, "TCP", QUERY_PROTO }, operand_preset, 6 },
	{ { "udp", NULL, "UDP", QUERY_PROTO }, operand_preset, 17 },
	{ { "icmp", NULL, "ICMP of IPv4", QUERY_PROTO }, operand_preset, 1 },
	{ { "icmp6", NULL, "ICMP of IPv6", QUERY_PROTO }, operand_preset, 58 },
	{ { "sctp", NULL, "SCTP", QUERY_PROTO }, operand_preset, 132 },
	{ { "esp", NULL, "IPsec ESP", QUERY_PROTO }, operand_preset, 50 },
	{ { "ah", NULL, "IPsec AH", QUERY_PROTO }, operand_preset, 51 },
	{ { "gre", NULL, "GRE", QUERY_PROTO }, operand_preset, 47 },
	{ { "igmp", NULL, "IGMP", QUERY_PROTO }, operand_preset, 2 },
	{ { "proto", "PROTOCOL", "an IP protocol, by number or name", QUERY_PROTO },
	  operand_proto, 0, 255 },
	{ { "ip", NULL, "IPv4", QUERY_FAMILY }, operand_preset, FAMILY_IP },
	{ { "ip6", NULL, "IPv6", QUERY_FAMILY }, operand_preset, FAMILY_IP6 },
	{ { "arp", NULL, "ARP", QUERY_FAMILY }, operand_preset, FAMILY_ARP },
	{ { "iif", "DEVICE", "some hop has this input device", QUERY_IIF }, operand_name },
	{ { "oif", "DEVICE", "some hop has this output device", QUERY_OIF }, operand_name },
	{ { "flags", "FLAGS", "these TCP flags are set, those with ! are not", QUERY_FLAGS },
	  operand_flags },
	{ { "mark", "MARK[/MASK]", "some hop has this firewall mark", QUERY_MARK }, operand_mark },
	{ { "ttl", "[OP] NUMBER", "time to live, or hop limit, as first seen", QUERY_TTL },
	  operand_number, 0, 255 },
	{ { "length", "[OP] NUMBER", "length of the IP packet as first seen", QUERY_LENGTH },
	  operand_number, 0, UINT32_MAX },
	{ { "uid", "NUMBER", "made by a process of this user (LOG --log-uid)", QUERY_UID },
	  operand_uid, 0, UINT32_MAX },
	{ { "at", "PLACE", "some hop is there", QUERY_AT }, operand_at },
	{ { "stopped", "[at PLACE]", "dropped or rejected (there)", QUERY_STOPPED },
	  operand_stopped },
	{ { "outcome", "OUTCOME", "what became of it", QUERY_OUTCOME }, operand_outcome },
	{ { "forwarded", NULL, "came in, left towards another host", QUERY_OUTCOME },
	  operand_preset, OUTCOME_FORWARDED },
	{ { "delivered", NULL, "reached a local socket's side of INPUT", QUERY_OUTCOME },
	  operand_preset, OUTCOME_DELIVERED },
	{ { "sent", NULL, "made here, left", QUERY_OUTCOME }, operand_preset, OUTCOME_SENT },
	{ { "dropped", NULL, "a rule or a policy ended it", QUERY_OUTCOME },
	  operand_preset, OUTCOME_DROPPED },
	{ { "rejected", NULL, "dropped, and the sender was told", QUERY_OUTCOME },
	  operand_preset, OUTCOME_REJECTED },
	{ { "lost", NULL, "the kernel ended it between two hooks", QUERY_OUTCOME },
	  operand_preset, OUTCOME_LOST },
	{ { "queued", NULL, "handed to user space, not seen again", QUERY_OUTCOME },
	  operand_preset, OUTCOME_QUEUED },
	{ { "unknown", NULL, "the input cannot tell", QUERY_OUTCOME },
	  operand_preset, OUTCOME_UNKNOWN },
	{ { "nat", NULL, "its addresses or ports were changed", QUERY_NAT }, operand_none },
	{ { "snat", NULL, "its source was changed", QUERY_SNAT }, operand_none },
	{ { "dnat", NULL, "its destination was changed", QUERY_DNAT }, operand_none },
	{ { "reply", NULL, "it runs against its flow's first packet", QUERY_REPLY }, operand_none },
	{ { "host-name", "NAME", "the log's host", QUERY_HOST_NAME }, operand_name },
	{ { "path", "~ \"RE\"", "the way, as JSON's `path` prints it", QUERY_PATH },
	  operand_regex },
	{ { "text", "~ \"RE\"", "the text of some hop's rule", QUERY_TEXT }, operand_regex },
	{ { "prefix", "~ \"RE\"", "the prefix of some LOG line", QUERY_PREFIX }, operand_regex },
	{ { "since", "TIME", "its first hop is not earlier", QUERY_SINCE }, operand_time },
	{ { "until", "TIME", "its first hop is not later", QUERY_UNTIL }, operand_time },
	{ { NULL, NULL, NULL, QUERY_OR }, NULL },
};
/* clang-format on */

#define ROWS (sizeof(primitives) / sizeof(*primitives) - 1)

const struct primitive *primitive_find(struct str word)
{
	for (size_t i = 0; i < ROWS; i++)
		if (str_eq(word, str_from(primitives[i].shown.word)))
			return &primitives[i];
	return NULL;
}

const struct primitive *primitive_preset(enum query_kind kind, uint32_t number)
{
	for (size_t i = 0; i < ROWS; i++)
		if (primitives[i].shown.kind == kind && primitives[i].preset == number &&
		    primitives[i].operand == operand_preset)
			return &primitives[i];
	return NULL;
}

const struct primitive *primitive_of(enum query_kind kind)
{
	for (size_t i = 0; i < ROWS; i++)
		if (primitives[i].shown.kind == kind && primitives[i].operand != operand_preset)
			return &primitives[i];
	return NULL;
}

size_t query_primitives(const struct query_primitive **rows)
{
	static struct query_primitive shown[ROWS];

	for (size_t i = 0; i < ROWS; i++)
		shown[i] = primitives[i].shown;
	*rows = shown;
	return ROWS;
}

const char *query_word(enum query_kind kind)
{
	const struct primitive *row = primitive_of(kind);

	if (row)
		return row->shown.word;
	if (kind == QUERY_FAMILY)
		return "ip";
	return kind == QUERY_OR ? "or" : kind == QUERY_AND ? "and" : "not";
}

bool query_in_kernel(enum query_kind kind)
{
	static const bool can[QUERY_KIND_MAX] = {
		[QUERY_OR] = true,     [QUERY_AND] = true,    [QUERY_NOT] = true,
		[QUERY_HOST] = true,   [QUERY_SRC] = true,    [QUERY_DST] = true,
		[QUERY_PORT] = true,   [QUERY_SPORT] = true,  [QUERY_DPORT] = true,
		[QUERY_PROTO] = true,  [QUERY_FAMILY] = true, [QUERY_IIF] = true,
		[QUERY_FLAGS] = true,  [QUERY_MARK] = true,   [QUERY_TTL] = true,
		[QUERY_LENGTH] = true,
	};

	return (size_t)kind < QUERY_KIND_MAX && can[kind];
}
