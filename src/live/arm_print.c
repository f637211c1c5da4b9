// SPDX-License-Identifier: GPL-2.0-or-later
/* arm_print.c - the iptables commands that would trace the same */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "terms.h"

static unsigned int prefix_of(const struct atom *atom)
{
	unsigned int bits = 0;

	if (!atom->masked)
		return atom->size * 8u;
	while (bits < atom->size * 8u && atom->mask[bits / 8] & (0x80 >> (bits % 8)))
		bits++;
	return bits;
}

static unsigned int number_of(const struct atom *atom)
{
	uint16_t value;

	if (atom->size == 1)
		return atom->data[0];
	memcpy(&value, atom->data, sizeof(value));
	return ntohs(value);
}

static const char * not(const struct atom *atom)
{
	return atom->compare == QUERY_NE ? "! " : "";
}

static void say_addr(FILE *out, const struct atom *atom, const char *option)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(atom->size == 4 ? AF_INET : AF_INET6, atom->data, text, sizeof(text));
	fprintf(out, " %s%s %s/%u", not(atom), option, text, prefix_of(atom));
}

/* A range of iptables has both ends in it. @match stands before the option, @option after its ! */
static void say_range(FILE *out, const struct atom *atom, const char *match, const char *option)
{
	unsigned int n = number_of(atom);

	fprintf(out, " -m %s %s--%s ", match, not(atom), option);
	switch (atom->compare) {
	case QUERY_LT:
	case QUERY_LE:
		fprintf(out, "0:%u", n - (atom->compare == QUERY_LT && n));
		break;
	case QUERY_GT:
	case QUERY_GE:
		fprintf(out, "%u:%u", n + (atom->compare == QUERY_GT && n < UINT16_MAX),
			UINT16_MAX);
		break;
	default:
		fprintf(out, "%u", n);
	}
}

static void say_src(FILE *out, const struct atom *atom)
{
	say_addr(out, atom, "-s");
}

static void say_dst(FILE *out, const struct atom *atom)
{
	say_addr(out, atom, "-d");
}

static void say_proto(FILE *out, const struct atom *atom)
{
	fprintf(out, " %s-p %u", not(atom), number_of(atom));
}

static void say_iif(FILE *out, const struct atom *atom)
{
	fprintf(out, " %s-i %.*s%s", not(atom), (int)strnlen((const char *)atom->data, atom->size),
		(const char *)atom->data, atom->size < 16 ? "+" : "");
}

static void say_mark(FILE *out, const struct atom *atom)
{
	uint32_t mark, mask;

	memcpy(&mark, atom->data, sizeof(mark));
	memcpy(&mask, atom->mask, sizeof(mask));
	fprintf(out, " -m mark %s--mark 0x%x", not(atom), mark);
	if (atom->masked)
		fprintf(out, "/0x%x", mask);
}

static void say_sport(FILE *out, const struct atom *atom)
{
	say_range(out, atom, "multiport", "sports");
}

static void say_dport(FILE *out, const struct atom *atom)
{
	say_range(out, atom, "multiport", "dports");
}

static void say_length(FILE *out, const struct atom *atom)
{
	struct atom whole = *atom;
	uint16_t length = htons((uint16_t)(number_of(atom) + 40));

	if (atom->look == LOOK_LENGTH6)
		memcpy(whole.data, &length, sizeof(length));
	say_range(out, &whole, "length", "length");
}

static void say_ttl(FILE *out, const struct atom *atom)
{
	static const char *const words[] = {
		[QUERY_LT] = "lt", [QUERY_LE] = "lt", [QUERY_EQ] = "eq",
		[QUERY_NE] = "eq", [QUERY_GE] = "gt", [QUERY_GT] = "gt",
	};
	bool six = atom->look == LOOK_TTL6;
	int n = (int)number_of(atom) + (atom->compare == QUERY_LE) - (atom->compare == QUERY_GE);

	fprintf(out, " -m %s %s--%s-%s %d", six ? "hl" : "ttl", not(atom), six ? "hl" : "ttl",
		words[atom->compare], n);
}

static void say_flags(FILE *out, const struct atom *atom)
{
	static const char *const names[] = {
		"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"
	};
	uint8_t sets[] = { atom->mask[0], atom->data[0] };

	fprintf(out, " %s--tcp-flags", not(atom));
	for (size_t i = 0; i < 2; i++) {
		const char *between = " ";

		for (unsigned int bit = 0; bit < 8; bit++)
			if (sets[i] & (1u << bit)) {
				fprintf(out, "%s%s", between, names[bit]);
				between = ",";
			}
		if (!sets[i])
			fputs(" NONE", out);
	}
}

static void (*const sayers[LOOK_MAX])(FILE *out, const struct atom *atom) = {
	[LOOK_L4PROTO] = say_proto,  [LOOK_IIF] = say_iif,	  [LOOK_MARK] = say_mark,
	[LOOK_SRC4] = say_src,	     [LOOK_DST4] = say_dst,	  [LOOK_SRC6] = say_src,
	[LOOK_DST6] = say_dst,	     [LOOK_TTL4] = say_ttl,	  [LOOK_TTL6] = say_ttl,
	[LOOK_LENGTH4] = say_length, [LOOK_LENGTH6] = say_length, [LOOK_SPORT] = say_sport,
	[LOOK_DPORT] = say_dport,    [LOOK_FLAGS] = say_flags,
};

/* Can packets of @family be like that? */
static bool is_for(const struct term *term, enum family family)
{
	for (size_t i = 0; i < term->n; i++) {
		const struct atom *atom = &term->atoms[i];

		if (atom->look == LOOK_NFPROTO &&
		    (atom->data[0] == family) != (atom->compare == QUERY_EQ))
			return false;
		if (atom->look == (family == FAMILY_IP ? LOOK_SRC6 : LOOK_SRC4) ||
		    atom->look == (family == FAMILY_IP ? LOOK_DST6 : LOOK_DST4))
			return false;
	}
	return true;
}

static bool has_iif(const struct term *term)
{
	for (size_t i = 0; i < term->n; i++)
		if (term->atoms[i].look == LOOK_IIF && term->atoms[i].compare == QUERY_EQ)
			return true;
	return false;
}

/* Which option of iptables it is, if that may stand only once in a rule; else LOOK_MAX. */
static enum look only_once(enum look look)
{
	switch (look) {
	case LOOK_SRC6:
		return LOOK_SRC4;
	case LOOK_DST6:
		return LOOK_DST4;
	case LOOK_L4PROTO:
	case LOOK_IIF:
	case LOOK_SRC4:
	case LOOK_DST4:
	case LOOK_FLAGS:
		return look;
	default:
		return LOOK_MAX;
	}
}

static bool can_be_said(const struct term *term)
{
	bool proto = false, ports = false;

	for (size_t i = 0; i < term->n; i++) {
		enum look once = only_once(term->atoms[i].look), look = term->atoms[i].look;

		proto |= look == LOOK_L4PROTO && term->atoms[i].compare == QUERY_EQ;
		ports |= look == LOOK_SPORT || look == LOOK_DPORT || look == LOOK_FLAGS;
		for (size_t k = 0; k < i && once != LOOK_MAX; k++)
			if (only_once(term->atoms[k].look) == once)
				return false;
	}
	return proto || !ports;
}

static void say_rule(FILE *out, const struct term *term, enum family family, const char *chain)
{
	fprintf(out, "%s -t raw -A %s", family == FAMILY_IP ? "iptables" : "ip6tables", chain);
	for (size_t i = 0; i < term->n; i++)
		if (sayers[term->atoms[i].look])
			sayers[term->atoms[i].look](out, &term->atoms[i]);
	fputs(" -j TRACE\n", out);
}

static void say_term(FILE *out, const struct term *term, enum family family)
{
	if (!is_for(term, family))
		return;
	if (!can_be_said(term)) {
		fputs("# iptables has no one rule for a part of the filter, which is left out "
		      "here\n",
		      out);
		return;
	}
	say_rule(out, term, family, "PREROUTING");
	if (!has_iif(term))
		say_rule(out, term, family, "OUTPUT");
}

int arm_print(const struct arm_want *want, struct str *text, struct arm_error *err)
{
	struct terms terms = { NULL, 0, 0 };
	char *buf = NULL;
	size_t size = 0;
	FILE *out;
	int ret;

	*err = (struct arm_error){ "", 0, 0 };
	ret = terms_of(query_root(want->query), &terms, err);
	out = ret ? NULL : open_memstream(&buf, &size);
	if (out) {
		for (size_t i = 0; i < terms.n; i++)
			say_term(out, &terms.at[i], FAMILY_IP);
		for (size_t i = 0; i < terms.n; i++)
			say_term(out, &terms.at[i], FAMILY_IP6);
		fclose(out);
		*text = (struct str){ buf, size };
	}
	terms_finish(&terms);
	return !ret && !buf ? -ENOMEM : ret;
}
