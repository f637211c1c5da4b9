/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scan.h - reading words, numbers and addresses off the front of a str */
#ifndef NFHOP_DECODE_SCAN_H
#define NFHOP_DECODE_SCAN_H

#include <stdint.h>

#include "nfhop/event.h"

/*
 * Every scan_*() takes what it reads off the front of @s and says whether there was any; if
 * there was not, @s is as before.
 */

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static inline bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool is_alnum(char c)
{
	return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

/* hex_value - Return: 0 to 15, or -1 */
int hex_value(char c);

static inline bool scan_char(struct str *s, char c)
{
	if (!s->n || *s->p != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static inline bool scan_word(struct str *s, struct str word)
{
	if (!str_starts(*s, word))
		return false;
	*s = str_skip(*s, word.n);
	return true;
}

/* scan_blanks - at least one blank or tab, and all that follow */
bool scan_blanks(struct str *s);

/* scan_dec - at most @digits decimal digits; Return: how many there were */
unsigned int scan_dec(struct str *s, unsigned int digits, uint64_t *value);

/* scan_hex - at most 16 hexadecimal digits, with or without 0x; Return: how many there were */
unsigned int scan_hex(struct str *s, uint64_t *value);

/* scan_fraction - digits of a second's fraction; Return: how many; @ns gets the first nine */
unsigned int scan_fraction(struct str *s, uint32_t *ns);

/* scan_token - all up to the next blank; blanks in front are skipped; may be empty */
struct str scan_token(struct str *s);

/* scan_addr - an IPv4 or IPv6 address; Return: FAMILY_IP, FAMILY_IP6, or FAMILY_NONE */
enum family scan_addr(struct str *s, struct addr *addr);

#endif
