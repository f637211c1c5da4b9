// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick_bodies.c - the bodies of a block, each read once, whatever lines of other packets stand
 * between those that have it
 *
 * Lines of one packet are equal but for the TTL, and that changes once on its way: so the body of
 * the packet's line before is compared as it is first, then what is around the TTL.
 */
#include "quick.h"

void bodies_begin(struct bodies *b, struct batch *batch)
{
	b->batch = batch;
	b->n = 0;
	memset(b->hashes, 0, sizeof(b->hashes));
	memset(b->recent, 0, sizeof(b->recent));
	memset(b->keys, 0, sizeof(b->keys));
}

/* parts_hash - of the addresses, and of what tells packets apart: IP id, ports, sequence number */
static inline uint64_t parts_hash(const struct body_parts *parts)
{
	const char *p = parts->front.p + 4, *r = parts->rest.p;
	uint64_t a = mix8(parts->front.n, load8(p)), b = mix8(parts->rest.n, load8(p + 8));

	a = mix8(a, load8(r));
	b = mix8(b, load8(r + 16));
	for (size_t i = 24; i + 16 <= parts->rest.n && i < 56; i += 16) {
		a = mix8(a, load8(r + i));
		b = mix8(b, load8(r + i + 8));
	}
	return mix8(a, b);
}

/* body_key - of the end of the source address and the beginning of what follows, never 0 */
static inline uint32_t body_key(struct str text)
{
	uint64_t h = load8(text.p + 8) * UINT64_C(0x9e3779b97f4a7c15) +
		     load8(text.p + 16) * UINT64_C(0xc2b2ae3d27d4eb4f);

	return (uint32_t)(h >> 32) | 1;
}

/* with_key - bit i: the body that is recent[i] has it; all are compared, a guess costs more */
static inline unsigned int with_key(const struct bodies *b, uint32_t key)
{
	const words4 low = { 1, 2, 4, 8 }, high = { 16, 32, 64, 128 };
	words4 bits = ((words4)(b->keys[0] == key) & low) | ((words4)(b->keys[1] == key) & high);
	uint64_t half[2];

	memcpy(half, &bits, sizeof(half));
	half[0] |= half[1];
	return (unsigned int)(half[0] | half[0] >> 32);
}

static void make_recent(struct bodies *b, struct body_slot *slot)
{
	b->keys[b->oldest / 4][b->oldest % 4] = body_key(slot->whole);
	b->recent[b->oldest] = slot;
	b->oldest = (b->oldest + 1) % RECENT;
}

/* ends_at - does a line end at @n (as Windows ends it, too), or is it all there is of it? */
static inline bool ends_at(struct str text, size_t n)
{
	return text.n == n || (text.n > n && text.p[n] == '\n') ||
	       (text.n > n + 1 && text.p[n] == '\r' && text.p[n + 1] == '\n');
}

/* but_for_ttl - is @text the body of @slot with another TTL? Then that is how it was seen last */
static bool but_for_ttl(struct str text, struct body_slot *slot)
{
	size_t at = slot->front.n, end = at;
	unsigned int value = 0;

	if (text.n < at + 3 + slot->rest.n || memcmp(text.p + 4, slot->front.p + 4, at - 4) != 0)
		return false;
	for (; end < at + 3 && (unsigned char)(text.p[end] - '0') < 10; end++)
		value = value * 10 + (unsigned int)(text.p[end] - '0');
	if (end == at || value > UINT8_MAX || !ends_at(text, end + slot->rest.n) ||
	    memcmp(text.p + end, slot->rest.p, slot->rest.n) != 0)
		return false;
	slot->ttl = (uint8_t)value;
	slot->whole = str_first(text, end + slot->rest.n);
	return true;
}

struct body_slot *bodies_recent(struct bodies *b, struct str text)
{
	unsigned int found;

	if (text.n < BODY_MIN)
		return NULL;
	for (found = with_key(b, body_key(text)); found; found &= found - 1) {
		struct body_slot *slot = b->recent[__builtin_ctz(found)];
		struct str whole = slot->whole;

		if ((text.n >= whole.n && ends_at(text, whole.n) &&
		     !memcmp(text.p + 4, whole.p + 4, whole.n - 4)) ||
		    but_for_ttl(text, slot))
			return slot;
	}
	return NULL;
}

/* slot_find - where the body with @parts is; NULL if it is new, @place: where to say where it is */
static struct body_slot *slot_find(struct bodies *b, const struct body_parts *parts, uint64_t hash,
				   uint16_t **place)
{
	for (size_t i = 0; i < BODY_PROBES; i++) {
		struct body_slot *slot;

		*place = &b->hashes[(hash + i) % BODY_HASHES];
		if (!**place)
			break;
		slot = &b->slots[**place - 1];
		if (slot->hash == hash && slot->front.n == parts->front.n &&
		    slot->rest.n == parts->rest.n &&
		    !memcmp(slot->front.p, parts->front.p, parts->front.n) &&
		    !memcmp(slot->rest.p, parts->rest.p, parts->rest.n))
			return slot;
	}
	return NULL;
}

/* slot_add - for body @number; if all are taken, another one is forgotten */
static struct body_slot *slot_add(struct bodies *b, const struct body_parts *parts, uint64_t hash,
				  uint16_t *place, uint32_t number)
{
	size_t at = b->n < BODY_SLOTS ? b->n++ : number % BODY_SLOTS;

	*place = (uint16_t)(at + 1);
	b->slots[at] = (struct body_slot){
		.hash = hash,
		.front = parts->front,
		.rest = parts->rest,
		.number = number,
		.family = b->batch->bodies[number].pkt.family,
	};
	return &b->slots[at];
}

/* add - a body that is new; Return: its number, UINT32_MAX if it cannot be read */
static uint32_t add(struct bodies *b, struct str text, const struct body_parts *parts,
		    const struct body *read)
{
	struct body *body = batch_body(b->batch);

	if (!body)
		return UINT32_MAX;
	if (read) {
		*body = *read;
	} else if (body_read(text, body)) {
		shapes_learn(&b->shapes, text, body, parts);
	} else {
		b->batch->n_bodies--;
		return UINT32_MAX;
	}
	body->first = UINT32_MAX;
	return (uint32_t)b->batch->n_bodies - 1;
}

/*
 * slot_of - where the body with @parts in @text is, or is put
 * @read: what it says, if that is known; else it is read if it is new
 */
static struct body_slot *slot_of(struct bodies *b, struct str text, const struct body_parts *parts,
				 const struct body *read)
{
	uint64_t hash = parts_hash(parts);
	uint16_t *place = NULL;
	struct body_slot *slot = slot_find(b, parts, hash, &place);

	if (!slot) {
		uint32_t number = add(b, text, parts, read);

		if (number == UINT32_MAX)
			return NULL;
		slot = slot_add(b, parts, hash, place, number);
	}
	slot->whole = text;
	slot->ttl = parts->ttl;
	make_recent(b, slot);
	return slot;
}

/* can_hash - is there all that parts_hash() looks at? */
static inline bool can_hash(struct str text, const struct body_parts *parts)
{
	return text.n >= BODY_MIN && parts->rest.n >= 24;
}

struct body_slot *bodies_alike(struct bodies *b, struct str text)
{
	struct body_parts parts;
	struct body body;

	text.n = shapes_read(&b->shapes, text, &body, &parts);
	if (!text.n || !can_hash(text, &parts))
		return NULL;
	return slot_of(b, text, &parts, &body);
}

struct body_slot *bodies_whole(struct bodies *b, struct str text)
{
	struct body_parts parts;

	if (text.n < BODY_MIN || !body_split(text, &parts) || !can_hash(text, &parts))
		return NULL;
	return slot_of(b, text, &parts, NULL);
}
