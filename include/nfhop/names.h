/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.h - words that iptables and nft print instead of numbers */
#ifndef NFHOP_NAMES_H
#define NFHOP_NAMES_H

#include <stdint.h>

#include "nfhop/str.h"

/* Each: Return: true and @number filled in if the word is known, else false. */
bool names_service(struct str word, uint32_t *number);
/* names_service_at - the words that names_service() knows, for "did you mean"; NULL behind them */
const char *names_service_at(size_t i);
bool names_protocol(struct str word, uint32_t *number);
bool names_tcp_flag(struct str word, uint32_t *number);
/* names_icmp - @mask becomes 0xffff if the word means type and code, 0xff00 if type alone */
bool names_icmp(struct str word, bool v6, uint32_t *number, uint32_t *mask);
bool names_icmp_code(struct str word, bool v6, uint32_t *number);

/* names_of_icmp - nft's word for a type; names_of_unreachable - and for a code of
 * destination-unreachable; NULL if there is none */
const char *names_of_icmp(bool v6, uint8_t type);
const char *names_of_unreachable(bool v6, uint8_t code);
/* names_of_icmp_error - what an ICMP error says: "net-unreachable", "time-exceeded"; or NULL */
const char *names_of_icmp_error(bool v6, uint8_t type, uint8_t code);

#endif
