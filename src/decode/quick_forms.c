// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick_forms.c - the words before a packet, decoded once for all lines that have the same ones
 *
 * decode_record() is asked what a line says, and is believed only if what it says of the packet is
 * what quick_body.c reads, and all the rest is in the words: then the words say it in any line.
 */
#include <stdlib.h>

#include "nfhop/decode.h"

#include "quick.h"

#define ALIKE_MAX 256 /* forms with one hash: rules of a chain with a long name, many devices */

#define MAC_N 41 /* "4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00" */

/**
 * struct known - a form and the words that it was made of
 * @words: a copy, which the strings of @form point into
 * @has_mac: a MAC address follows, and then SRC=; else SRC= is the end of the words
 * @addr: where the source address begins
 * @mac: the one seen last
 * @closed: its front was; of others a host may be among the words
 */
struct known {
	struct form form;
	uint64_t hash;
	char *words;
	uint32_t n, addr;
	bool has_mac, closed;
	char mac[MAC_N];
};

bool forms_init(struct forms *f, unsigned int number)
{
	f->number = number;
	f->known = calloc(QUICK_FORMS, sizeof(struct known *));
	f->scratch = (struct scratch){ malloc(SCRATCH_SIZE), SCRATCH_SIZE, 0 };
	return f->known && f->scratch.buf;
}

void forms_finish(struct forms *f)
{
	for (size_t i = 0; f->known && i < f->n; i++) {
		free(f->known[i]->words);
		free(f->known[i]);
	}
	free(f->known);
	free(f->scratch.buf);
}

/*
 * words_hash - of the front of a form; the caller knows that so much is there. The last byte of
 * each eight is in the highest bits alone, so those are put where slots are counted.
 */
static inline uint64_t words_hash(const char *p)
{
	uint64_t h = load8(p) * UINT64_C(0x9e3779b97f4a7c15) +
		     load8(p + 8) * UINT64_C(0xc2b2ae3d27d4eb4f) +
		     load8(p + 16) * UINT64_C(0x165667b19e3779f9) +
		     load8(p + 24) * UINT64_C(0x27d4eb2f165667c5) +
		     load8(p + 32) * UINT64_C(0x85ebca77c2b2ae63);

	return h >> 48 | h << 16;
}

#define FAMILY_N 5 /* bytes of an address that tell its family */

/* family_at - of the packet whose source address stands at @p */
static inline uint8_t family_at(const char *p)
{
	return p[4] == ':' ? FAMILY_IP6 : FAMILY_IP;
}

static struct known *known_find(const struct forms *f, struct str words, uint64_t hash, bool closed)
{
	for (size_t at = hash % FORM_SLOTS; f->slots[at]; at = (at + 1) % FORM_SLOTS) {
		struct known *k = f->known[f->slots[at] - 1];

		if (k->hash == hash && k->closed == closed && words.n >= k->addr + FAMILY_N &&
		    !memcmp(k->words, words.p, k->n) &&
		    family_at(words.p + k->addr) == k->form.ev.pkt.family)
			return k;
	}
	return NULL;
}

/* find_end - where the words of a form end in @s: behind the first MAC= or SRC= */
static size_t find_end(struct str s, bool *has_mac)
{
	size_t src = str_find(s, STR(" SRC=")), mac = str_find(str_first(s, src), STR(" MAC="));

	*has_mac = false;
	if (src == s.n)
		return 0;
	if (mac == src || mac + 5 == src) /* none, or "MAC= SRC=" of a device without addresses */
		return src + 5;
	*has_mac = true;
	return mac + 5;
}

static bool inside(struct str part, struct str whole)
{
	return !part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

/* is_plain - can nothing in the words be taken for the beginning of something else? */
static bool is_plain(struct str words)
{
	static const char *const others[] = { "trace id ", "PACKET: ", "repeated ", "Last message",
					      "EVENT: ",   "NEWGEN: ", "MAC source" };
	struct str rest = str_skip(words, str_starts(words, STR("TRACE: ")) ? 7 : 0);

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (str_has(words, str_from(others[i])))
			return false;
	return !str_has(rest, STR("TRACE: "));
}

static void move(struct str *s, struct str from, const char *to)
{
	s->p = s->n ? to + (s->p - from.p) : NULL;
}

/* form_keep - remember what @ev says, less what other lines of the form may say differently */
static struct known *form_keep(struct forms *f, struct str words, const struct event *ev)
{
	struct known *k = calloc(1, sizeof(*k));
	struct event *e;

	if (!k || !(k->words = malloc(words.n))) {
		free(k);
		return NULL;
	}
	memcpy(k->words, words.p, words.n);
	k->n = (uint32_t)words.n;
	k->form.no = f->number * QUICK_FORMS + (uint32_t)f->n;
	k->form.ev = *ev;
	e = &k->form.ev;
	move(&e->table, words, k->words);
	move(&e->chain, words, k->words);
	move(&e->prefix, words, k->words);
	move(&e->iif, words, k->words);
	move(&e->oif, words, k->words);
	move(&e->physin, words, k->words);
	move(&e->physout, words, k->words);
	e->host = (struct str){ NULL, 0 };
	e->have &= ~(uint32_t)(EVENT_MARK | EVENT_UID | EVENT_GID);
	e->mark = e->uid = e->gid = 0;
	memset(&e->stamp, 0, sizeof(e->stamp));
	memset(&e->pkt, 0, sizeof(e->pkt));
	e->pkt.family = ev->pkt.family;
	return k;
}

static bool same_header(const struct header *a, const struct header *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* says_the_same - does decode_record()'s @ev agree with what the parts of the line say? */
static bool says_the_same(const struct event *ev, const struct body *body, struct str host)
{
	uint32_t flexible = EVENT_MARK | EVENT_UID | EVENT_GID;
	uint32_t known = flexible | EVENT_NUMBER | EVENT_IN | EVENT_MAC | EVENT_CT_INVALID;

	return ev->kind == EVENT_HOP && ev->times == 1 && !(ev->have & ~known) &&
	       (ev->have & flexible) == body->have && ev->mark == body->mark &&
	       ev->uid == body->uid && ev->gid == body->gid && str_eq(ev->host, host) &&
	       same_header(&ev->pkt, &body->pkt);
}

/* mac16 - which of 16 bytes are hexadecimal digits or colons? (':' follows '9') */
static inline bytes16 mac16(const char *p)
{
	bytes16 v = load16(p);

	return (bytes16)(v - '0' <= 10) | (bytes16)((v | 0x20) - 'a' <= 5);
}

/* is_mac - of MAC_N bytes */
static inline bool is_mac(const char *p)
{
	return is_zero(~(mac16(p) & mac16(p + 16) & mac16(p + MAC_N - 16)));
}

/* same_mac - are MAC_N bytes equal? */
static inline bool same_mac(const char *a, const char *b)
{
	const size_t last = MAC_N - sizeof(bytes16);
	const bytes16 other = (load16(a) ^ load16(b)) | (load16(a + 16) ^ load16(b + 16)) |
			      (load16(a + last) ^ load16(b + last));

	return is_zero(other);
}

/*
 * body_at - where the body begins, behind the words and a MAC address; @words are longer than that
 * Return: 0 if there is another thing
 */
static inline size_t body_at(struct str words, struct known *k)
{
	const char *mac = words.p + k->n;

	if (!k->has_mac)
		return k->n - 4;
	if (!same_bytes(mac + MAC_N, " SRC=", 5))
		return 0;
	if (!same_mac(mac, k->mac)) {
		if (!is_mac(mac))
			return 0;
		memcpy(k->mac, mac, MAC_N);
	}
	return k->addr - 4;
}

const struct form *forms_find(const struct forms *f, struct str words, bool closed, size_t *body)
{
	struct known *k;

	if (words.n < FORM_WORDS)
		return NULL;
	k = known_find(f, words, words_hash(words.p), closed);
	*body = k ? body_at(words, k) : 0;
	return *body ? &k->form : NULL;
}

/* form_learn - ask decode_record() what @words say, which @line has before a MAC address or not */
static struct known *form_learn(struct forms *f, struct str line, struct str words, bool has_mac,
				bool closed, struct str host)
{
	struct record rec = { .data = line, .kind = RECORD_LINE, .whole = true, .lines = 1 };
	struct known like = {
		.n = (uint32_t)words.n,
		.addr = (uint32_t)words.n + (has_mac ? MAC_N + 5 : 0),
		.has_mac = has_mac,
	};
	struct str rest = str_between(words.p, line.p + line.n);
	size_t at = is_plain(words) && rest.n >= like.addr ? body_at(rest, &like) : 0;
	struct complaint why;
	struct body body;
	struct event ev;
	struct known *k;

	f->scratch.used = 0;
	if (!at || !body_read(str_skip(rest, at), &body) ||
	    decode_record(&rec, &f->scratch, &ev, &why) || f->scratch.used)
		return NULL;
	body.pkt.ttl = ev.pkt.ttl;
	if (!says_the_same(&ev, &body, host) ||
	    (ev.hop != HOP_LOG ? ev.table.p != words.p + 7 : ev.prefix.p != words.p) ||
	    !inside(ev.table, words) || !inside(ev.chain, words) || !inside(ev.prefix, words) ||
	    !inside(ev.iif, words) || !inside(ev.oif, words) || !inside(ev.physin, words) ||
	    !inside(ev.physout, words) || ev.target.n || ev.rule_text.n)
		return NULL;
	k = form_keep(f, words, &ev);
	if (k) {
		k->addr = like.addr;
		k->has_mac = has_mac;
		k->closed = closed;
	}
	return k;
}

/* has_room - so few begin alike that looking them through is faster than decode_record() */
static bool has_room(const struct forms *f, uint64_t hash)
{
	size_t alike = 0;

	for (size_t at = hash % FORM_SLOTS; f->slots[at]; at = (at + 1) % FORM_SLOTS)
		alike += f->known[f->slots[at] - 1]->hash == hash;
	return f->n < QUICK_FORMS && alike < ALIKE_MAX;
}

bool forms_learn(struct forms *f, struct str line, size_t text, bool closed, struct str host)
{
	struct str words = str_skip(line, text);
	struct known *k;
	bool has_mac;
	size_t n, at;

	if (words.n < FORM_WORDS || !has_room(f, words_hash(words.p)))
		return false;
	n = find_end(words, &has_mac);
	if (n < sizeof(" SRC="))
		return false;
	k = form_learn(f, line, str_first(words, n), has_mac, closed, host);
	if (!k)
		return false;
	k->hash = words_hash(words.p);
	for (at = k->hash % FORM_SLOTS; f->slots[at]; at = (at + 1) % FORM_SLOTS)
		;
	f->known[f->n++] = k;
	f->slots[at] = (uint16_t)f->n;
	return true;
}
