// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick.c - lines decoded by what was learned from lines before them
 *
 * Theory of operation
 *
 * A log of a million packets says nearly the same all the time. A line of it has four parts:
 *
 *     Mar  2 01:00:00 gw kernel: [538.000010] TRACE: filter:FORWARD:rule:1 IN=a OUT=b MAC=
 *     |---------- front ---------------------||------------------ form -----------------|
 *     4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 SRC=192.0.2.1 DST=... TTL=63 ID=1 ... URGP=0
 *     |------------- MAC ----------------------||------------------- body -----------------|
 *
 * The front differs from the one before in digits (quick_front.c). There are as many forms as
 * there are places in the tables and pairs of devices: each is decoded once, by decode_record(),
 * and kept; from then on it is compared. A body is equal, but for its TTL, in all lines of one
 * packet: it is read once (quick_body.c), and looked up for the other lines, whatever lines of
 * other packets stand between them.
 *
 * The need is speed, the rule is that decode_record() would say the same. So only what the
 * kernel prints to the letter is taken here, and everything else (a line in another framing, a
 * body with another word in it, a prefix that might be understood in another way) is handed to
 * decode_record(). Invariants: the words of a form end with the first MAC= or SRC= of the line;
 * what follows is a MAC address and a body in which each word stands in its place, so that no
 * part of it can be taken for devices, for an nft trace, or for a note.
 */
#include <errno.h>
#include <stdlib.h>

#include "nfhop/decode.h"

#include "note.h"
#include "quick.h"
#include "sight.h"
#include "trails.h"

#define FORM_SLOTS  8192 /* twice QUICK_FORMS */
#define FORM_WORDS  40	 /* bytes of a form that are hashed; less than any line has */
#define BODY_SLOTS  2048 /* for the packets of one block; what finds no room is read again */
#define BODY_PROBES 4
#define RECENT	    8  /* bodies that are tried before the hash: packets on their way at once */
#define MAC_N	    41 /* "4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00" */

/**
 * struct known - a form and the words that it was made of
 * @words: a copy, which the strings of @form point into
 * @has_mac: a MAC address follows, and then SRC=; else SRC= is the end of the words
 * @dated: the front had a date; dmesg's may have a host among the words
 * @mac: the one that was seen last
 * @family: of the body; form.ev.family tells the table's
 */
struct known {
	struct form form;
	uint64_t hash;
	char *words;
	uint32_t n;
	bool has_mac, dated;
	uint8_t family;
	char mac[MAC_N];
};

/* struct body_slot - a body of the block @block, which stands in its text */
struct body_slot {
	uint64_t hash;
	uint64_t block;
	struct str front, rest;
	uint32_t number;
};

/**
 * struct quick
 * @number: see quick_create(); @block: counts blocks
 * @front: of the line before
 * @slots: a hash of @forms: number + 1, 0 = free
 * @bodies: a hash of the bodies of this block; @recent: those used last, newest first
 */
struct quick {
	unsigned int number;
	struct batch *batch;
	uint64_t block;
	struct front front;
	struct sight sight;
	struct trails trails;
	struct scratch scratch;
	struct known **forms;
	size_t n_forms;
	uint16_t slots[FORM_SLOTS];
	struct body_slot bodies[BODY_SLOTS];
	struct body_slot *recent[RECENT];
};

struct quick *quick_create(unsigned int number)
{
	struct quick *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->number = number;
	sight_init(&q->sight);
	q->forms = calloc(QUICK_FORMS, sizeof(struct known *));
	q->scratch = (struct scratch){ malloc(SCRATCH_SIZE), SCRATCH_SIZE, 0 };
	if (q->forms && q->scratch.buf && trails_init(&q->trails, number))
		return q;
	quick_destroy(q);
	return NULL;
}

void quick_destroy(struct quick *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n_forms; i++) {
		free(q->forms[i]->words);
		free(q->forms[i]);
	}
	free(q->forms);
	trails_finish(&q->trails);
	free(q->scratch.buf);
	free(q);
}

void quick_begin(struct quick *q, struct batch *batch)
{
	q->batch = batch;
	q->block++;
	q->front.line = NULL; /* it stands in the block before */
	q->front.n_before = 0;
	memset(q->recent, 0, sizeof(q->recent));
	trails_begin(&q->trails);
}

/* words_hash - of the front of a form; the caller knows that so much is there */
static inline uint64_t words_hash(const char *p)
{
	uint64_t a = mix8(0, load8(p)), b = mix8(1, load8(p + 8));

	a = mix8(a, load8(p + 16));
	b = mix8(b, load8(p + 24));
	return mix8(a ^ b, load8(p + 32));
}

/* family_at - of the packet whose source address stands at @p, of which 5 bytes can be seen */
static inline uint8_t family_at(const char *p)
{
	return p[4] == ':' ? FAMILY_IP6 : FAMILY_IP;
}

static struct known *form_find(const struct quick *q, struct str words, uint64_t hash, bool dated)
{
	for (size_t at = hash % FORM_SLOTS; q->slots[at]; at = (at + 1) % FORM_SLOTS) {
		struct known *k = q->forms[q->slots[at] - 1];
		size_t addr = k->n + (k->has_mac ? MAC_N + 5 : 0);

		if (k->hash == hash && k->dated == dated && addr + 5 <= words.n &&
		    same_bytes(k->words, words.p, k->n) && family_at(words.p + addr) == k->family)
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
static struct known *form_keep(struct quick *q, struct str words, const struct event *ev)
{
	struct known *k = calloc(1, sizeof(*k));
	struct event *e;

	if (!k || q->n_forms == QUICK_FORMS || !(k->words = malloc(words.n))) {
		free(k);
		return NULL;
	}
	memcpy(k->words, words.p, words.n);
	k->n = (uint32_t)words.n;
	k->form.no = q->number * QUICK_FORMS + (uint32_t)q->n_forms;
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

/* body_at - the body behind the words and a MAC address, like @mac if they are many */
static bool body_at(struct str line, size_t at, bool has_mac, char *mac, struct str *body)
{
	unsigned int wrong = 0;

	if (!has_mac) {
		*body = str_skip(line, at - 4);
		return true;
	}
	if (line.n < at + MAC_N + 5 || !same_bytes(line.p + at + MAC_N, " SRC=", 5))
		return false;
	*body = str_skip(line, at + MAC_N + 1);
	if (same_bytes(line.p + at, mac, MAC_N))
		return true;
	for (size_t i = 0; i < MAC_N; i++) {
		unsigned char c = (unsigned char)line.p[at + i];
		unsigned int digit = (unsigned int)c - '0', letter = (c | 0x20u) - 'a';

		wrong |= (digit > 10) & (letter > 5); /* ':' follows '9' */
	}
	if (!wrong)
		memcpy(mac, line.p + at, MAC_N);
	return !wrong;
}

/* form_learn - ask decode_record() what the words of a line say */
static struct known *form_learn(struct quick *q, struct str line, struct str words, bool has_mac)
{
	struct record rec = { .data = line, .kind = RECORD_LINE, .whole = true, .lines = 1 };
	struct complaint why;
	struct str body_text, form;
	char mac[MAC_N] = "";
	struct body body;
	struct event ev;
	struct known *k;

	form = words;
	if (!is_plain(words) ||
	    !body_at(line, (size_t)(words.p + words.n - line.p), has_mac, mac, &body_text))
		return NULL;
	q->scratch.used = 0;
	if (!body_read(body_text, &body) || decode_record(&rec, &q->scratch, &ev, &why) ||
	    q->scratch.used)
		return NULL;
	body.pkt.ttl = ev.pkt.ttl;
	if (!says_the_same(&ev, &body, q->batch->hosts[q->front.host]) ||
	    (ev.hop != HOP_LOG ? ev.table.p != words.p + 7 : ev.prefix.p != words.p) ||
	    !inside(ev.table, form) || !inside(ev.chain, form) || !inside(ev.prefix, form) ||
	    !inside(ev.iif, form) || !inside(ev.oif, form) || !inside(ev.physin, form) ||
	    !inside(ev.physout, form) || ev.target.n || ev.rule_text.n)
		return NULL;
	k = form_keep(q, words, &ev);
	if (!k)
		return NULL;
	k->has_mac = has_mac;
	k->dated = q->front.sec;
	k->family = body.pkt.family;
	return k;
}

static struct known *form_add(struct quick *q, struct str line, size_t text, uint64_t hash)
{
	struct str words = str_skip(line, text);
	struct known *k;
	bool has_mac;
	size_t n = find_end(words, &has_mac), at = hash % FORM_SLOTS;

	if (n < sizeof(" SRC="))
		return NULL;
	k = form_learn(q, line, str_first(words, n), has_mac);
	if (!k)
		return NULL;
	k->hash = hash;
	while (q->slots[at])
		at = (at + 1) % FORM_SLOTS;
	q->forms[q->n_forms++] = k;
	q->slots[at] = (uint16_t)q->n_forms;
	return k;
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

/* make_recent - @slot, which stood at @i among the recent ones, is the newest */
static inline void make_recent(struct quick *q, struct body_slot *slot, size_t i)
{
	for (; i; i--)
		q->recent[i] = q->recent[i - 1];
	q->recent[0] = slot;
}

/* recent_body - the body of one of the packets seen just now; UINT32_MAX if it is another's */
static inline uint32_t recent_body(struct quick *q, struct str text, uint8_t *ttl)
{
	for (size_t i = 0; i < RECENT && q->recent[i]; i++) {
		const struct body_slot *slot = q->recent[i];
		size_t at = slot->front.n, end = at;
		unsigned int value = 0;

		if (text.n < at + 4 || !same_bytes(text.p + 4, slot->front.p + 4, at - 4))
			continue;
		for (; end < at + 3 && (unsigned char)(text.p[end] - '0') < 10; end++)
			value = value * 10 + (unsigned int)(text.p[end] - '0');
		if (end == at || value > UINT8_MAX || text.n - end != slot->rest.n ||
		    memcmp(text.p + end, slot->rest.p, slot->rest.n) != 0)
			continue;
		*ttl = (uint8_t)value;
		make_recent(q, q->recent[i], i);
		return slot->number;
	}
	return UINT32_MAX;
}

/* body_add - read a body and remember it in @slot; Return: its number, or UINT32_MAX */
static uint32_t body_add(struct quick *q, struct str text, const struct body_parts *parts,
			 struct body_slot *slot, uint64_t hash)
{
	struct body *body = batch_body(q->batch);

	if (!body)
		return UINT32_MAX;
	if (!body_read(text, body)) {
		q->batch->n_bodies--;
		return UINT32_MAX;
	}
	body->first = UINT32_MAX;
	*slot = (struct body_slot){ hash, q->block, parts->front, parts->rest,
				    (uint32_t)q->batch->n_bodies - 1 };
	return slot->number;
}

static uint32_t body_number(struct quick *q, struct str text, uint8_t *ttl)
{
	struct body_parts parts;
	struct body_slot *slot = NULL;
	uint32_t number = recent_body(q, text, ttl);
	uint64_t hash;

	if (number != UINT32_MAX)
		return number;
	if (text.n < 64 || !body_split(text, &parts) || parts.rest.n < 24)
		return UINT32_MAX;
	*ttl = parts.ttl;
	hash = parts_hash(&parts);
	for (size_t i = 0; i < BODY_PROBES; i++) {
		slot = &q->bodies[(hash + i) % BODY_SLOTS];
		if (slot->block != q->block)
			break;
		if (slot->hash == hash && slot->front.n == parts.front.n &&
		    slot->rest.n == parts.rest.n &&
		    same_bytes(slot->front.p, parts.front.p, parts.front.n) &&
		    !memcmp(slot->rest.p, parts.rest.p, parts.rest.n)) {
			make_recent(q, slot, RECENT - 1);
			return slot->number;
		}
	}
	number = body_add(q, text, &parts, slot, hash);
	if (number != UINT32_MAX)
		make_recent(q, slot, RECENT - 1);
	return number;
}

/* framed - read the framing as that of the line before, or learn it. Return: where words begin */
static size_t framed(struct quick *q, struct str line, bool learn, struct stamp *stamp)
{
	size_t text = front_match(&q->front, line, stamp);

	if (text || !learn || !front_learn(&q->front, line, q->batch))
		return text;
	return front_match(&q->front, line, stamp);
}

static bool add_hop(struct quick *q, struct str line, const struct stamp *stamp, struct known *k,
		    struct str body)
{
	struct line *hop;
	uint32_t number;
	uint8_t ttl;

	number = body_number(q, body, &ttl);
	if (number == UINT32_MAX || q->batch->bodies[number].pkt.family != k->family)
		return false;
	hop = batch_line(q->batch);
	if (!hop)
		return false;
	hop->stamp = *stamp;
	hop->form = &k->form;
	hop->number = number;
	hop->at = (uint32_t)(line.p - q->batch->text.p);
	hop->n = (uint16_t)line.n;
	hop->front = q->front.host;
	hop->ttl = ttl;
	hop->kind = LINE_HOP;
	hop->next = 0;
	trails_add(&q->trails, q->batch, (uint32_t)q->batch->n - 1);
	return true;
}

bool quick_line(struct quick *q, struct str line, bool learn)
{
	struct stamp stamp;
	struct known *k;
	struct str body, words;
	uint64_t hash;
	size_t text;

	if (line.n > UINT16_MAX)
		return false;
	text = framed(q, line, learn, &stamp);
	if (!text || line.n < text + FORM_WORDS + 64)
		return false;
	words = str_skip(line, text);
	hash = words_hash(words.p);
	k = form_find(q, words, hash, q->front.sec);
	if (!k && learn)
		k = form_add(q, line, text, hash);
	return k && body_at(line, text + k->n, k->has_mac, k->mac, &body) &&
	       add_hop(q, line, &stamp, k, body);
}

size_t quick_skip(const struct quick *q, struct str text, uint32_t *lines)
{
	return sight_skip(&q->sight, text, lines);
}

bool quick_foreign(struct str line)
{
	return !line_counts(line) && !note_sight(line) && !str_has(line, STR("trace id ")) &&
	       !str_has(line, STR("PACKET: "));
}
