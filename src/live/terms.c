// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * terms.c - a filter as alternatives of simple conditions
 *
 * Theory of operation
 *
 * A rule of the kernel is a row of conditions that must all hold, so a filter becomes a list of
 * such rows (disjunctive normal form). Each primitive has its own few rows; `and` multiplies,
 * `or` adds, `not` turns each condition round and changes the two. Rows that contradict
 * themselves (an IPv4 address and an IPv6 one) are dropped. The number of rows is bounded: who
 * needs more than TERMS_MAX alternatives wants another filter.
 */
#include "terms.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/grow.h"

static void complain_node(const struct query_node *node, struct arm_error *err, const char *words)
{
	err->at = node->at;
	err->n = node->n;
	snprintf(err->text, sizeof(err->text), "%s", words);
}

void terms_finish(struct terms *t)
{
	free(t->at);
	*t = (struct terms){ NULL, 0, 0 };
}

static bool same_place(const struct atom *a, const struct atom *b)
{
	return a->look == b->look && a->size == b->size && a->masked == b->masked &&
	       (!a->masked || !memcmp(a->mask, b->mask, a->size));
}

static bool same_data(const struct atom *a, const struct atom *b)
{
	return !memcmp(a->data, b->data, a->size);
}

static bool equal(const struct atom *a, const struct atom *b)
{
	return same_place(a, b) && a->compare == b->compare && same_data(a, b);
}

/* Return: can @a and @b never hold both? */
static bool contradict(const struct atom *a, const struct atom *b)
{
	if (!same_place(a, b))
		return false;
	if (a->compare == QUERY_EQ && b->compare == QUERY_EQ)
		return !same_data(a, b);
	return same_data(a, b) && ((a->compare == QUERY_EQ && b->compare == QUERY_NE) ||
				   (a->compare == QUERY_NE && b->compare == QUERY_EQ));
}

/* implies - does @b say nothing beyond @a? Being one thing is not being another. */
static bool implies(const struct atom *a, const struct atom *b)
{
	return equal(a, b) || (same_place(a, b) && a->compare == QUERY_EQ &&
			       b->compare == QUERY_NE && !same_data(a, b));
}

/* term_add - Return: 1, 0 if the term can never hold now, -E2BIG */
static int term_add(struct term *term, const struct atom *atom)
{
	size_t n = 0;

	for (size_t i = 0; i < term->n; i++) {
		if (contradict(&term->atoms[i], atom))
			return 0;
		if (implies(&term->atoms[i], atom))
			return 1;
	}
	for (size_t i = 0; i < term->n; i++)
		if (!implies(atom, &term->atoms[i]))
			term->atoms[n++] = term->atoms[i];
	term->n = n;
	if (term->n == ATOMS_MAX)
		return -E2BIG;
	term->atoms[term->n++] = *atom;
	return 1;
}

/* covers - does every packet that is like @b meet @a, too? */
static bool covers(const struct term *a, const struct term *b)
{
	for (size_t i = 0; i < a->n; i++) {
		bool any = false;

		for (size_t k = 0; k < b->n && !any; k++)
			any = implies(&b->atoms[k], &a->atoms[i]);
		if (!any)
			return false;
	}
	return true;
}

/* terms_add - one more alternative, if it is none; those that it makes idle go */
static int terms_add(struct terms *t, const struct term *term)
{
	size_t n = 0;
	struct term *at;

	for (size_t i = 0; i < t->n; i++)
		if (covers(&t->at[i], term))
			return 0;
	for (size_t i = 0; i < t->n; i++)
		if (!covers(term, &t->at[i]))
			t->at[n++] = t->at[i];
	t->n = n;
	if (t->n == TERMS_MAX)
		return -E2BIG;
	at = array_grow(t->at, t->n, &t->cap, sizeof(*at));
	if (!at)
		return -ENOMEM;
	t->at = at;
	at[t->n++] = *term;
	return 0;
}

/* terms_or - @t gets all of @more too */
static int terms_or(struct terms *t, const struct terms *more)
{
	int ret = 0;

	for (size_t i = 0; i < more->n && !ret; i++)
		ret = terms_add(t, &more->at[i]);
	return ret;
}

/* terms_and - each of @t with each of @more */
static int terms_and(struct terms *t, const struct terms *more)
{
	struct terms both = { NULL, 0, 0 };
	int ret = 0;

	for (size_t i = 0; i < t->n && ret >= 0; i++)
		for (size_t k = 0; k < more->n && ret >= 0; k++) {
			struct term term = t->at[i];

			ret = 1;
			for (size_t a = 0; a < more->at[k].n && ret > 0; a++)
				ret = term_add(&term, &more->at[k].atoms[a]);
			if (ret > 0)
				ret = terms_add(&both, &term);
		}
	terms_finish(t);
	*t = both;
	return ret < 0 ? ret : 0;
}

static struct atom turned(struct atom atom)
{
	static const enum query_compare other[] = {
		[QUERY_LT] = QUERY_GE, [QUERY_LE] = QUERY_GT, [QUERY_EQ] = QUERY_NE,
		[QUERY_NE] = QUERY_EQ, [QUERY_GE] = QUERY_LT, [QUERY_GT] = QUERY_LE,
	};

	atom.compare = other[atom.compare];
	return atom;
}

/* terms_not - turn it round: in each row, some condition does not hold */
static int terms_not(struct terms *t)
{
	static const struct term always;
	struct terms not = { NULL, 0, 0 };
	int ret = terms_add(&not, &always);

	for (size_t i = 0; i < t->n && !ret; i++) {
		struct terms row = { NULL, 0, 0 };

		for (size_t a = 0; a < t->at[i].n && !ret; a++) {
			struct term one = { 1, { turned(t->at[i].atoms[a]) } };

			ret = terms_add(&row, &one);
		}
		if (!ret)
			ret = terms_and(&not, &row);
		terms_finish(&row);
	}
	terms_finish(t);
	*t = not ;
	return ret;
}

static struct atom byte_is(enum look look, unsigned int value)
{
	return (struct atom){
		.look = look, .compare = QUERY_EQ, .size = 1, .data = { (uint8_t)value }
	};
}

static struct atom number(enum look look, enum query_compare compare, uint16_t value)
{
	struct atom atom = { .look = look, .compare = compare, .size = 2 };

	value = htons(value);
	memcpy(atom.data, &value, sizeof(value));
	return atom;
}

static int add_row(struct terms *t, const struct atom *atoms, size_t n)
{
	struct term term = { .n = n };

	memcpy(term.atoms, atoms, n * sizeof(*atoms));
	return terms_add(t, &term);
}

/* mask_bits - the first @bits of @size bytes */
static void mask_bits(struct atom *atom, unsigned int bits)
{
	atom->masked = bits < atom->size * 8u;
	for (unsigned int i = 0; i < bits; i++)
		atom->mask[i / 8] |= (uint8_t)(0x80 >> (i % 8));
}

static int add_addr(struct terms *t, const struct query_value *v, bool source)
{
	bool ip4 = v->family == FAMILY_IP;
	unsigned int skip = ip4 ? 12 : 0;
	struct atom row[2] = { byte_is(LOOK_NFPROTO, v->family) };
	struct atom *atom = &row[1];

	*atom = (struct atom){ .compare = QUERY_EQ, .size = (uint8_t)(16 - skip) };
	if (ip4)
		atom->look = source ? LOOK_SRC4 : LOOK_DST4;
	else
		atom->look = source ? LOOK_SRC6 : LOOK_DST6;
	memcpy(atom->data, v->addr.b + skip, atom->size);
	mask_bits(atom, v->prefix - 8 * skip);
	return add_row(t, row, v->prefix == 8 * skip ? 1 : 2);
}

static int leaf_addr(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	int ret = 0;

	(void)err;
	for (size_t i = 0; i < node->n_values && !ret; i++) {
		if (node->kind != QUERY_DST)
			ret = add_addr(t, &node->values[i], true);
		if (node->kind != QUERY_SRC && !ret)
			ret = add_addr(t, &node->values[i], false);
	}
	return ret;
}

/* Where the first four bytes of the transport header are ports. */
static const uint8_t with_ports[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_DCCP,
				      IPPROTO_UDPLITE };

static int add_port(struct terms *t, const struct query_value *v, enum look look)
{
	int ret = 0;

	for (size_t p = 0; p < sizeof(with_ports) && !ret; p++) {
		struct atom row[3] = { byte_is(LOOK_L4PROTO, with_ports[p]) };
		size_t n = 1;

		if (v->from == v->to)
			row[n++] = number(look, QUERY_EQ, (uint16_t)v->from);
		if (v->from != v->to && v->from)
			row[n++] = number(look, QUERY_GE, (uint16_t)v->from);
		if (v->from != v->to && v->to < UINT16_MAX)
			row[n++] = number(look, QUERY_LE, (uint16_t)v->to);
		ret = add_row(t, row, n);
	}
	return ret;
}

static int leaf_port(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	int ret = 0;

	(void)err;
	for (size_t i = 0; i < node->n_values && !ret; i++) {
		if (node->kind != QUERY_DPORT)
			ret = add_port(t, &node->values[i], LOOK_SPORT);
		if (node->kind != QUERY_SPORT && !ret)
			ret = add_port(t, &node->values[i], LOOK_DPORT);
	}
	return ret;
}

static int leaf_byte(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	enum look look = node->kind == QUERY_PROTO ? LOOK_L4PROTO : LOOK_NFPROTO;
	int ret = 0;

	for (size_t i = 0; i < node->n_values && !ret; i++) {
		struct atom atom = byte_is(look, node->values[i].from);

		if (look == LOOK_NFPROTO && node->values[i].from == FAMILY_ARP) {
			complain_node(node, err, "ARP cannot be traced by a table of family inet");
			return -EINVAL;
		}
		ret = add_row(t, &atom, 1);
	}
	return ret;
}

static int leaf_iif(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < node->n_values && !ret; i++) {
		struct str name = node->values[i].text;
		bool prefix = name.n && name.p[name.n - 1] == '*';
		struct atom atom = { .look = LOOK_IIF, .compare = QUERY_EQ };

		name.n -= prefix;
		if (str_has(name, STR("*")) || str_has(name, STR("?")) || name.n > 15) {
			complain_node(
				node, err,
				"expected a device name of at most 15 bytes, or the beginning "
				"of one and a *: the kernel matches no other pattern");
			return -EINVAL;
		}
		memcpy(atom.data, name.p, name.n);
		atom.size = (uint8_t)(prefix ? name.n : 16);
		ret = add_row(t, &atom, atom.size ? 1 : 0);
	}
	return ret;
}

static int leaf_flags(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	struct atom row[2] = { byte_is(LOOK_L4PROTO, IPPROTO_TCP),
			       { .look = LOOK_FLAGS, .size = 1, .masked = true } };
	uint32_t set = node->values[0].from, clear = node->values[0].to;

	if ((set | clear) > UINT8_MAX) {
		complain_node(node, err, "the flag AE cannot be traced");
		return -EINVAL;
	}
	row[1].compare = QUERY_EQ;
	row[1].data[0] = (uint8_t)set;
	row[1].mask[0] = (uint8_t)(set | clear);
	return add_row(t, row, 2);
}

static int leaf_mark(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	int ret = 0;

	(void)err;
	for (size_t i = 0; i < node->n_values && !ret; i++) {
		uint32_t mark = node->values[i].from, mask = node->values[i].to;
		struct atom atom = { .look = LOOK_MARK, .compare = QUERY_EQ, .size = 4 };

		memcpy(atom.data, &mark, sizeof(mark));
		memcpy(atom.mask, &mask, sizeof(mask));
		atom.masked = mask != UINT32_MAX;
		ret = add_row(t, &atom, 1);
	}
	return ret;
}

static int leaf_ttl(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	struct atom row[2] = { byte_is(LOOK_NFPROTO, FAMILY_IP),
			       byte_is(LOOK_TTL4, node->values[0].from) };
	int ret;

	(void)err;
	row[1].compare = node->compare;
	ret = add_row(t, row, 2);
	row[0].data[0] = FAMILY_IP6;
	row[1].look = LOOK_TTL6;
	return ret ? ret : add_row(t, row, 2);
}

/* IPv6 has the length of the payload, without its own 40 bytes. */
static int leaf_length(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	uint32_t length = node->values[0].from;
	struct atom row[2] = { byte_is(LOOK_NFPROTO, FAMILY_IP) };
	int ret;

	if (length > UINT16_MAX || length < 40) {
		complain_node(node, err, "expected a length from 40 to 65535");
		return -EINVAL;
	}
	row[1] = number(LOOK_LENGTH4, node->compare, (uint16_t)length);
	ret = add_row(t, row, 2);
	row[0].data[0] = FAMILY_IP6;
	row[1] = number(LOOK_LENGTH6, node->compare, (uint16_t)(length - 40));
	return ret ? ret : add_row(t, row, 2);
}

/* clang-format off */
static int (*const leaves[QUERY_KIND_MAX])(const struct query_node *node, struct terms *t,
					   struct arm_error *err) = {
	[QUERY_HOST] = leaf_addr,   [QUERY_SRC] = leaf_addr,   [QUERY_DST] = leaf_addr,
	[QUERY_PORT] = leaf_port,   [QUERY_SPORT] = leaf_port, [QUERY_DPORT] = leaf_port,
	[QUERY_PROTO] = leaf_byte,  [QUERY_FAMILY] = leaf_byte,
	[QUERY_IIF] = leaf_iif,     [QUERY_FLAGS] = leaf_flags, [QUERY_MARK] = leaf_mark,
	[QUERY_TTL] = leaf_ttl,     [QUERY_LENGTH] = leaf_length,
};
/* clang-format on */

static int leaf(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	if (leaves[node->kind])
		return leaves[node->kind](node, t, err);
	err->at = node->at;
	err->n = node->n;
	snprintf(err->text, sizeof(err->text),
		 "%s is not known before the first chain, where the trace begins; put it into "
		 "--where",
		 query_word(node->kind));
	return -EINVAL;
}

/* children - join those of @node by @op */
static int children(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	bool all = node->kind == QUERY_AND, first = true;
	int ret = 0;

	for (const struct query_node *child = node->child; child && !ret; child = child->next) {
		struct terms part = { NULL, 0, 0 };

		ret = terms_of(child, &part, err);
		if (!ret)
			ret = all && !first ? terms_and(t, &part) : terms_or(t, &part);
		terms_finish(&part);
		first = false;
	}
	return ret;
}

int terms_of(const struct query_node *node, struct terms *t, struct arm_error *err)
{
	int ret;

	if (node->kind == QUERY_OR || node->kind == QUERY_AND) {
		ret = children(node, t, err);
	} else if (node->kind == QUERY_NOT) {
		ret = terms_of(node->child, t, err);
		if (!ret)
			ret = terms_not(t);
	} else {
		ret = leaf(node, t, err);
	}
	if (ret == -E2BIG)
		complain_node(node, err, "this has too many alternatives for a rule set");
	return ret;
}
