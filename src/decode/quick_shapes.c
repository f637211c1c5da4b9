// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick_shapes.c - bodies that differ from one before them in numbers alone
 *
 * Theory of operation
 *
 * What the kernel prints between the numbers of a packet's words is equal in nearly all packets:
 *
 *     SRC=192.0.2.1 DST=198.51.100.2 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=...
 *     ----         -----            -----  -------------------------- ----  -------------------
 *
 * So such pieces, in their order, are a tree: a body that was read by quick_body.c adds what is
 * missing, and leaves at the end of its branch what it says. From then on, bodies are compared
 * along the tree; their numbers are read on the way, and all else is known at its end.
 *
 * Invariants: a branch was made of a body that is printed to the letter, and it was read again
 * along the new branch with the same result; numbers have the limits that quick_body.c gives them.
 * So both say the same of every text that is taken here.
 */
#include <endian.h>
#include <stddef.h>
#include <stdlib.h>

#include "quick.h"
#include "scan.h"

#define ALIKE	 16 /* pieces that are tried at one place */
#define DIGITS	 10 /* of a number, at most */
#define OPTIONS	 80 /* digits of the options of a TCP header, at most */
#define IP4_TEXT 16
#define IP6_TEXT 46   /* bytes of an address, at most, and one more */
#define LONGEST	 1024 /* bytes of a body that is learned */
#define ROOM	 2048 /* by which numbers can make it longer */
#define OF(m)	 offsetof(struct body, pkt.m)

/* enum value - how what stands behind a piece is read */
enum value {
	VALUE_END, /* nothing: the piece ends with the line, and that with it */
	VALUE_IP4,
	VALUE_IP6,
	VALUE_TTL,
	VALUE_16,
	VALUE_32,
	VALUE_HEX,
};

/* struct field - @at: where it goes in struct body; 0: nowhere; @max: its limit, 0: by its kind */
struct field {
	struct str word;
	enum value value;
	uint8_t family, proto;
	size_t at;
	uint32_t max;
};

/* In the order in which they stand in a line; family and proto 0: all of them. */
static const struct field fields[] = {
	{ { "SRC=", 4 }, VALUE_IP4, FAMILY_IP, 0, OF(src), 0 },
	{ { "SRC=", 4 }, VALUE_IP6, FAMILY_IP6, 0, OF(src), 0 },
	{ { "DST=", 4 }, VALUE_IP4, FAMILY_IP, 0, OF(dst), 0 },
	{ { "DST=", 4 }, VALUE_IP6, FAMILY_IP6, 0, OF(dst), 0 },
	{ { "LEN=", 4 }, VALUE_32, 0, 0, OF(length), UINT32_MAX },
	{ { "TTL=", 4 }, VALUE_TTL, FAMILY_IP, 0, 0, UINT8_MAX },
	{ { "HOPLIMIT=", 9 }, VALUE_TTL, FAMILY_IP6, 0, 0, UINT8_MAX },
	{ { "ID=", 3 }, VALUE_32, FAMILY_IP, 0, OF(id), UINT16_MAX },
	{ { "FLOWLBL=", 8 }, VALUE_32, FAMILY_IP6, 0, OF(id), 0xfffff },
	{ { "SPT=", 4 }, VALUE_16, 0, 0, OF(sport), UINT16_MAX },
	{ { "DPT=", 4 }, VALUE_16, 0, 0, OF(dport), UINT16_MAX },
	{ { "LEN=", 4 }, VALUE_32, 0, 17, 0, UINT16_MAX },
	{ { "SEQ=", 4 }, VALUE_32, 0, 6, OF(tcp_seq), UINT32_MAX },
	{ { "ACK=", 4 }, VALUE_32, 0, 6, OF(tcp_ack), UINT32_MAX },
	{ { "WINDOW=", 7 }, VALUE_16, 0, 6, OF(window), UINT16_MAX },
	{ { "OPT (", 5 }, VALUE_HEX, 0, 6, 0, 0 },
	{ { "ID=", 3 }, VALUE_16, FAMILY_IP, 1, OF(echo_id), UINT16_MAX },
	{ { "ID=", 3 }, VALUE_16, FAMILY_IP6, 58, OF(echo_id), UINT16_MAX },
	{ { "SEQ=", 4 }, VALUE_16, FAMILY_IP, 1, OF(echo_seq), UINT16_MAX },
	{ { "SEQ=", 4 }, VALUE_16, FAMILY_IP6, 58, OF(echo_seq), UINT16_MAX },
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

/**
 * struct shape - a piece, and what stands behind it
 * @front, @mask: its first eight bytes, or all there are
 * @text: a copy, @n bytes
 * @value, @at, @max: as struct field; @hex: how many digits a VALUE_HEX had last
 * @end: VALUE_END: how many of its last bytes are the line's end
 * @next: another that stands at the same place; @below: the first of those that follow; NULL: none
 * @says: VALUE_END: what the body says besides its numbers; NULL: it must be read
 */
struct shape {
	uint64_t front, mask;
	const char *text;
	uint16_t n, hex;
	uint16_t at;
	uint8_t value, end;
	uint32_t max;
	struct shape *next, *below;
	struct body *says;
};

/* struct piece - of a body that is taken apart, and what stands behind it */
struct piece {
	struct str text;
	struct field field;
};

void shapes_finish(struct shapes *s)
{
	for (size_t i = 0; s->all && i < s->n; i++) {
		free((char *)s->all[i].text);
		free(s->all[i].says);
	}
	free(s->all);
}

bool shapes_init(struct shapes *s)
{
	s->all = calloc(SHAPES, sizeof(*s->all));
	s->n = 2; /* those of IPv4 are below number 0, those of IPv6 below number 1 */
	return s->all;
}

/* root - what the first pieces are below; the kernel prints all of an IPv6 address */
static inline struct shape *root(const struct shapes *s, struct str text)
{
	return &s->all[text.p[8] == ':'];
}

/* digits - a number of at most DIGITS; Return: where it ends, or NULL */
static inline const char *digits(const char *p, uint32_t max, uint32_t *value)
{
	uint64_t x = le64toh(load8(p)) ^ UINT64_C(0x3030303030303030), v;
	/* the first byte of it that is not 0 is no digit; those behind it may be wrong */
	uint64_t other = (x | (x + UINT64_C(0x0606060606060606))) & UINT64_C(0xf0f0f0f0f0f0f0f0);
	unsigned int n = other ? (unsigned int)__builtin_ctzll(other) / 8 : 8, d;

	if (!n)
		return NULL;
	v = eight(x << (64 - 8 * n));
	p += n;
	for (; n >= 8 && n < DIGITS && (d = (unsigned int)(unsigned char)*p - '0') < 10; p++, n++)
		v = v * 10 + d;
	*value = (uint32_t)v;
	return v > max ? NULL : p;
}

/* octet - one to three digits; Return: where they end, or NULL */
static inline const char *octet(const char *p, uint8_t *value)
{
	unsigned int a = (unsigned int)(unsigned char)p[0] - '0';
	unsigned int b = (unsigned int)(unsigned char)p[1] - '0';
	unsigned int c = (unsigned int)(unsigned char)p[2] - '0';

	if (a > 9)
		return NULL;
	if (b > 9) {
		*value = (uint8_t)a;
		return p + 1;
	}
	a = a * 10 + b;
	if (c > 9) {
		*value = (uint8_t)a;
		return p + 2;
	}
	a = a * 10 + c;
	*value = (uint8_t)a;
	return a > UINT8_MAX ? NULL : p + 3;
}

static inline const char *ip4(const char *p, struct addr *addr)
{
	for (size_t i = 12; i < 16; i++) {
		p = octet(p, &addr->b[i]);
		if (!p || (i < 15 && *p++ != '.'))
			return NULL;
	}
	addr->b[10] = addr->b[11] = 0xff;
	return p;
}

static const char *ip6(const char *p, struct addr *addr)
{
	struct str s = { p, IP6_TEXT };

	return scan_addr(&s, addr) == FAMILY_IP6 ? s.p : NULL;
}

/* hex - digits up to a bracket; Return: where it stands, or NULL */
static inline const char *hex(const char *p, uint16_t *n)
{
	if (p[*n] != ')') {
		const char *end = memchr(p, ')', OPTIONS + 1);

		if (!end)
			return NULL;
		*n = (uint16_t)(end - p);
	}
	return all_hex(p, *n) ? p + *n : NULL;
}

/* value_read - what stands at @p; Return: where it ends, or NULL */
static inline const char *value_read(struct shape *s, const char *p, struct body *body,
				     uint8_t *ttl)
{
	char *to = (char *)body + s->at;
	uint32_t value;
	uint16_t half;

	switch (s->value) {
	case VALUE_IP4:
		return ip4(p, (struct addr *)(void *)to);
	case VALUE_IP6:
		return ip6(p, (struct addr *)(void *)to);
	case VALUE_HEX:
		return hex(p, &s->hex);
	default:
		break;
	}
	p = digits(p, s->max, &value);
	if (!p)
		return NULL;
	half = (uint16_t)value;
	if (s->value == VALUE_TTL)
		*ttl = (uint8_t)value;
	else if (s->value == VALUE_16)
		memcpy(to, &half, sizeof(half));
	else if (s->at)
		memcpy(to, &value, sizeof(value));
	return p;
}

/* piece_is - does piece @s stand at @p? Of all that are tried most differ in their front. */
static inline bool piece_is(const struct shape *s, const char *p)
{
	return !((load8(p) ^ s->front) & s->mask) && (s->n <= 8 || same_bytes(p, s->text, s->n));
}

/* shape_at - the one of those below @above that stands at @p; it is tried first the next time */
static inline struct shape *shape_at(struct shape *above, const char *p)
{
	struct shape *s = above->below, **from;

	if (!s || piece_is(s, p))
		return s;
	do {
		from = &s->next;
		s = *from;
	} while (s && !piece_is(s, p));
	if (s) {
		*from = s->next;
		s->next = above->below;
		above->below = s;
	}
	return s;
}

/* fill - what the numbers do not say */
static inline void fill(struct body *body, const struct body *says)
{
	uint64_t a[sizeof(*body) / 8], b[sizeof(*body) / 8];

	memcpy(a, body, sizeof(a));
	memcpy(b, says, sizeof(b));
	for (size_t i = 0; i < sizeof(a) / sizeof(*a); i++)
		a[i] |= b[i];
	memcpy(body, a, sizeof(a));
}

size_t shapes_read(const struct shapes *t, struct str text, struct body *body,
		   struct body_parts *parts)
{
	const char *p = text.p;
	struct shape *s;

	if (!t->room || text.n < t->room)
		return 0;
	memset(body, 0, sizeof(*body));
	parts->front.p = p;
	for (s = shape_at(root(t, text), p); s; s = shape_at(s, p)) {
		p += s->n;
		if (s->value == VALUE_END)
			break;
		if (s->value == VALUE_TTL)
			parts->front.n = (size_t)(p - text.p);
		p = value_read(s, p, body, &parts->ttl);
		if (!p)
			return 0;
		if (s->value == VALUE_TTL)
			parts->rest.p = p;
	}
	if (!s || !s->says)
		return 0;
	fill(body, s->says);
	p -= s->end;
	parts->rest.n = (size_t)(p - parts->rest.p);
	return (size_t)(p - text.p);
}

/* field_at - which field, of those from *@from on, has its word at the front of @s? */
static const struct field *field_at(struct str s, const struct header *h, size_t *from)
{
	for (size_t i = *from; i < FIELDS; i++) {
		const struct field *f = &fields[i];

		if ((f->family && f->family != h->family) || (f->proto && f->proto != h->proto) ||
		    !str_starts(s, f->word))
			continue;
		*from = i + 1;
		return f;
	}
	return NULL;
}

/* piece_next - the piece at the front of *@s, up to the next value, which is passed over */
static struct piece piece_next(struct str *s, const struct header *h, size_t *from)
{
	struct piece piece = { .field = { .value = VALUE_END } };
	const struct field *f = NULL;
	const char *first = s->p;

	while (s->n && !(f = field_at(*s, h, from)))
		*s = str_skip(*s, str_find(*s, STR(" ")) + 1);
	if (f) {
		piece.field = *f;
		*s = str_skip(*s, f->word.n);
	}
	piece.text = str_between(first, s->p);
	while (f && s->n && !memchr(" )\r\n", *s->p, 4))
		*s = str_skip(*s, 1);
	return piece;
}

/* shape_find - the piece below @above, which is added if it is new and there is room; or NULL */
static struct shape *shape_find(struct shapes *t, struct shape *above, const struct piece *p)
{
	size_t alike = 0, n = p->text.n < 8 ? p->text.n : 8;
	struct shape *s = above->below;
	char *text;

	for (; s; s = s->next, alike++)
		if (str_eq((struct str){ s->text, s->n }, p->text))
			return s;
	if (alike == ALIKE || t->n == SHAPES || !(text = malloc(p->text.n)))
		return NULL;
	memcpy(text, p->text.p, p->text.n);
	s = &t->all[t->n++];
	*s = (struct shape){
		.text = text,
		.n = (uint16_t)p->text.n,
		.at = (uint16_t)p->field.at,
		.value = (uint8_t)p->field.value,
		.end = p->text.n > 1 && p->text.p[p->text.n - 2] == '\r' ? 2 : 1,
		.max = p->field.max,
		.next = above->below,
	};
	memcpy(&s->front, text, n);
	memset(&s->mask, 0xff, n);
	above->below = s;
	return s;
}

/* sizes - bytes that a value has in struct body, and those that it may have in the text */
static const struct {
	uint8_t body, text;
} sizes[] = {
	[VALUE_IP4] = { sizeof(struct addr), IP4_TEXT },
	[VALUE_IP6] = { sizeof(struct addr), IP6_TEXT },
	[VALUE_TTL] = { 0, DIGITS },
	[VALUE_16] = { sizeof(uint16_t), DIGITS },
	[VALUE_32] = { sizeof(uint32_t), DIGITS },
	[VALUE_HEX] = { 0, OPTIONS },
};

/* shape_last - the end of the branch for @text, whose numbers are taken out of @says; or NULL */
static struct shape *shape_last(struct shapes *t, struct str text, struct body *says)
{
	const struct header h = says->pkt;
	struct shape *s = root(t, text);
	size_t from = 0, room = 16; /* what is looked at of the last number, or behind the line */

	do {
		struct piece piece = piece_next(&text, &h, &from);

		s = piece.text.n ? shape_find(t, s, &piece) : NULL;
		room += piece.text.n + sizes[piece.field.value].text;
		if (piece.field.at)
			memset((char *)says + piece.field.at, 0, sizes[piece.field.value].body);
	} while (s && s->value != VALUE_END);
	if (s && t->room < room)
		t->room = room;
	return s;
}

/* reads - is that what shapes_read() makes of @text? */
static bool reads(const struct shapes *t, struct str text, const struct body *body,
		  const struct body_parts *parts)
{
	struct body_parts again;
	struct body b;

	return shapes_read(t, text, &b, &again) && !memcmp(&b, body, sizeof(b)) &&
	       again.front.n == parts->front.n && again.rest.n == parts->rest.n &&
	       again.ttl == parts->ttl;
}

void shapes_learn(struct shapes *t, struct str text, const struct body *body,
		  const struct body_parts *parts)
{
	char line[LONGEST + ROOM];
	struct str copy = { line, sizeof(line) };
	size_t n = text.n;
	struct body *says;
	struct shape *s;

	if (text.n >= LONGEST || t->n == SHAPES)
		return;
	memcpy(line, text.p, text.n);
	if (t->crlf)
		line[n++] = '\r';
	memset(line + n, '\n', sizeof(line) - n);
	if (reads(t, copy, body, parts) || !(says = malloc(sizeof(*says))))
		return;
	*says = *body;
	s = shape_last(t, str_first(copy, n + 1), says);
	if (s && !s->says) {
		s->says = says;
		if (reads(t, copy, body, parts))
			return;
		s->says = NULL;
	}
	free(says);
}
