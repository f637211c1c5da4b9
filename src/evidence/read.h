/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read.h - words, numbers, nets, routes and rules of evidence */
#ifndef NFHOP_EVIDENCE_READ_H
#define NFHOP_EVIDENCE_READ_H

#include "nfhop/evidence.h"

/* read_line - take the next line off @text; Return: false if there is none */
bool read_line(struct str *text, struct str *line);

/* read_word - take the next word off @line; Return: empty if there is none */
struct str read_word(struct str *line);

/* read_number, read_hex - all of @word, blanks around it aside; Return: false if it is none */
bool read_number(struct str word, uint64_t *number);
bool read_hex(struct str word, uint64_t *number);

/* read_addr - Return: false if it is none; @family: FAMILY_IP or FAMILY_IP6 */
bool read_addr(struct str word, struct addr *addr, enum family *family);

/* read_net - "192.0.2.0/24" */
bool read_net(struct str word, struct evidence_net *net, enum family *family);

/* read_route, read_rule - a line of these sections; Return: false if it is none */
bool read_route(struct str line, struct evidence_route *route);
bool read_rule(struct str line, struct evidence_rule *rule);

#endif
