/* SPDX-License-Identifier: GPL-2.0-or-later */
/* value.h - what stands on the right of a condition: addresses, numbers, ports, names, lists */
#ifndef NFHOP_RULESET_VALUE_H
#define NFHOP_RULESET_VALUE_H

#include "cond.h"

/* Each: Return: false if the words are of another form; nothing is filled in then. */
bool value_number(struct str s, uint32_t *v);
bool value_number64(struct str s, uint64_t *v);
/* value_ip - one address; IPv4 becomes mapped */
bool value_ip(struct str s, struct addr *addr, bool *v6);
/* value_addrs - `A`, `A/len`, `A/mask`, `A-B` */
bool value_addrs(struct str s, struct addr_span *span, bool *v6);
/* value_addr_masked - the nft form `saddr & MASK == A` */
bool value_addr_masked(struct str mask, struct str s, struct addr_span *span);
/* value_ports - a port or a range of ports with @between in the middle, either end open */
bool value_ports(struct str s, char between, struct num_span *span);
bool value_proto(struct str s, uint32_t *proto);
/* value_icmp - `8`, `3/4`, `echo-request`, `any` */
bool value_icmp(struct str s, bool v6, struct num_span *span);
/* value_tcp_flags - names or numbers with `,` or `|` between them, in parentheses or not */
bool value_tcp_flags(struct str s, uint32_t *flags);
/* value_mark - `0x10`, `0x10/0xff` */
bool value_mark(struct str s, struct num_span *span);

/* str_cut - take from *@s what stands before the first @at, and that character too */
struct str str_cut(struct str *s, char at);

/* value_ct_states - "ESTABLISHED,RELATED", in any case; Return: false if one is none of conntrack's
 */
bool value_ct_states(struct str s, uint32_t *states);

#endif
