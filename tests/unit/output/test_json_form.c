// SPDX-License-Identifier: GPL-2.0-or-later
/* test_json_form.c - what is filled into forms is what would have been written without them
 *
 * Each packet of the logs in the folder that is named is changed at random, and written both ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "nfhop/hash.h"
#include "nfhop/split.h"

#define SHAPES 24 /* of a packet: what a form rests on */
#define VALUES 8  /* of a shape: what stands in its blanks */

static const char *folder;

/* struct page - a writer and what it wrote */
struct page {
	FILE *out;
	char *text;
	size_t n;
	struct json *json;
};

static void page_open(struct page *page, bool forms)
{
	page->out = open_memstream(&page->text, &page->n);
	page->json = forms ? json_create(page->out) : calloc(1, sizeof(*page->json));
	assert_non_null(page->json);
	page->json->out = page->out;
}

static void page_close(struct page *page)
{
	fclose(page->out);
	free(page->text);
	free(page->json);
}

static void page_clear(struct page *page)
{
	json_flush(page->json);
	page->json->comma = false;
	rewind(page->out);
}

static void same(struct page *a, struct page *b)
{
	json_flush(a->json);
	json_flush(b->json);
	fputc('\0', a->out);
	fputc('\0', b->out);
	fflush(a->out);
	fflush(b->out);
	assert_string_equal(a->text, b->text);
	page_clear(a);
	page_clear(b);
}

struct dice {
	uint64_t state;
};

static uint64_t roll(struct dice *dice, uint64_t sides)
{
	return hash_mix(++dice->state * UINT64_C(0x9e3779b97f4a7c15)) % sides;
}

/* Seldom: packets that differ in one thing are those that a key may take for equal. */
static bool maybe(struct dice *dice)
{
	return roll(dice, 12) == 0;
}

/* In half of all cases a small number: fields that are equal are what is rare. */
static uint64_t number(struct dice *dice)
{
	return roll(dice, 2) ? roll(dice, 3) : roll(dice, UINT64_MAX) >> roll(dice, 64);
}

static struct stamp stamp_at_random(struct dice *dice)
{
	return (struct stamp){
		.wall_ns = (int64_t)(number(dice) >> 1) * (roll(dice, 9) ? 1 : -1),
		.up_ns = number(dice),
		.zone_min = (int16_t)((int)roll(dice, 1441) - 720),
		.wall_digits = (uint8_t)roll(dice, 10),
		.up_digits = (uint8_t)roll(dice, 10),
	};
}

static struct addr addr_at_random(struct dice *dice)
{
	struct addr addr = { .b = { [10] = 0xff, [11] = 0xff } };

	for (size_t i = roll(dice, 2) ? 12 : 0; i < sizeof(addr.b); i++)
		addr.b[i] = (uint8_t)number(dice);
	return addr;
}

/* struct subject - a packet of our own, its hops and its flow number may be changed */
struct subject {
	struct packet packet;
	struct hop hops[64];
};

static void shape_hop(struct dice *dice, const struct packet *packet, struct hop *hop)
{
	hop->have ^= maybe(dice) ? (uint8_t)roll(dice, 64) : 0;
	hop->stamp.have ^= maybe(dice) ? (uint8_t)roll(dice, 128) : 0;
	hop->at = maybe(dice) ? (uint8_t)roll(dice, packet->n_ends ? packet->n_ends : 1) : hop->at;
	hop->iif = maybe(dice) ? packet->hops[0].oif : hop->iif;
	hop->oif = maybe(dice) ? packet->hops[0].iif : hop->oif;
}

static void shape(struct dice *dice, struct packet *packet)
{
	static const uint8_t families[] = { FAMILY_NONE, FAMILY_IP, FAMILY_IP6, FAMILY_ARP };

	packet->flags ^= maybe(dice) ? (uint16_t)roll(dice, 1 << 15) : 0;
	packet->flow = maybe(dice) ? 0 : packet->flow;
	packet->host = maybe(dice) ? packet->hops[0].iif : packet->host;
	packet->n_ends = maybe(dice) ? (uint8_t)roll(dice, PACKET_ENDPOINTS + 1) : packet->n_ends;
	packet->first.have ^= maybe(dice) ? (uint32_t)roll(dice, 1 << 21) : 0;
	packet->first.family = maybe(dice) ? families[roll(dice, 4)] : packet->first.family;
	packet->first.proto = maybe(dice) ? (uint8_t)number(dice) : packet->first.proto;
	packet->first.tcp_flags = maybe(dice) ? (uint16_t)number(dice) : packet->first.tcp_flags;
	for (size_t i = 0; i < packet->n_hops; i++)
		shape_hop(dice, packet, &packet->hops[i]);
	if (packet->n_ends > 1 && maybe(dice))
		for (size_t i = 0; i < packet->n_hops; i++)
			packet->hops[i].at = (uint8_t)((packet->hops[i].at + 1) % packet->n_ends);
}

static void set_stamp(struct dice *dice, struct stamp *stamp)
{
	uint8_t have = stamp->have;

	*stamp = stamp_at_random(dice);
	stamp->have = have;
}

static void set_hop(struct dice *dice, struct hop *hop)
{
	set_stamp(dice, &hop->stamp);
	hop->mark = (uint32_t)number(dice);
	hop->length = (uint32_t)number(dice);
	hop->ttl = (uint8_t)number(dice);
	hop->tos = (uint8_t)number(dice);
}

static void set_values(struct dice *dice, struct packet *packet)
{
	struct header *h = &packet->first;

	packet->no = number(dice);
	h->length = (uint32_t)number(dice);
	h->id = (uint32_t)number(dice);
	h->tcp_seq = (uint32_t)number(dice);
	h->tcp_ack = (uint32_t)number(dice);
	h->sport = (uint16_t)number(dice);
	h->dport = (uint16_t)number(dice);
	h->ttl = (uint8_t)number(dice);
	h->icmp_type = (uint8_t)number(dice);
	h->icmp_code = (uint8_t)number(dice);
	h->src = addr_at_random(dice);
	h->dst = addr_at_random(dice);
	for (size_t i = 0; i < PACKET_ENDPOINTS; i++)
		packet->ends[i] = (struct endpoints){ addr_at_random(dice), addr_at_random(dice),
						      (uint16_t)number(dice),
						      (uint16_t)number(dice) };
	for (size_t i = 0; i < packet->n_hops; i++)
		set_hop(dice, &packet->hops[i]);
}

static void subject_of(struct subject *subject, const struct packet *packet)
{
	subject->packet = *packet;
	subject->packet.hops = subject->hops;
	memcpy(subject->hops, packet->hops, packet->n_hops * sizeof(*packet->hops));
}

/* struct comparison - the same packets with forms and without */
struct comparison {
	struct page filled, plain;
	uint64_t packets;
};

static void compare(struct comparison *c, const struct model *model, const struct packet *packet)
{
	json_packet(c->filled.json, model, packet);
	json_packet(c->plain.json, model, packet);
	same(&c->filled, &c->plain);
	c->packets++;
}

static void on_packet(void *who, const struct model *model, const struct packet *packet)
{
	struct comparison *c = who;
	struct dice values = { packet->no };

	compare(c, model, packet);
	assert_true(packet->n_hops <= 64);
	for (uint64_t i = 0; i < SHAPES * VALUES; i++) {
		struct dice shapes = { packet->no * SHAPES + i % SHAPES };
		struct subject subject;

		subject_of(&subject, packet);
		shape(&shapes, &subject.packet);
		set_values(&values, &subject.packet);
		compare(c, model, &subject.packet);
	}
}

#define ROOM ((size_t)1 << 20)

/* Return: what stands in the file, nothing if there is none; to be freed */
static struct str read_whole(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = malloc(ROOM);
	struct str whole = { text, 0 };

	assert_non_null(text);
	if (f) {
		whole.n = fread(text, 1, ROOM, f);
		fclose(f);
	}
	return whole;
}

/* Return: the rule set that lies beside a log as NAME.rules, or NULL */
static struct ruleset *rules_beside(const char *path, struct str *text)
{
	struct ruleset *rules = ruleset_create();
	struct ruleset_error err;
	char name[4096];

	snprintf(name, sizeof(name), "%.*s.rules", (int)(strrchr(path, '.') - path), path);
	*text = read_whole(name);
	assert_non_null(rules);
	if (text->n && !ruleset_load(rules, name, *text, &err) && !ruleset_seal(rules, &err))
		return rules;
	ruleset_destroy(rules);
	return NULL;
}

static void feed(struct model *model, struct str in)
{
	struct split split = { .source = 0 };
	struct record rec;
	size_t n;

	model_set_source(model, 0, 0, 2026);
	while ((n = split_next(&split, in, true, &rec))) {
		model_feed(model, &rec);
		in = str_skip(in, n);
	}
	model_end(model);
}

/* Every log has a writer of its own: numbers of paths and names are those of a model. */
static void compare_log(const char *path, struct json_counts *counts, uint64_t *packets)
{
	struct comparison c = { .packets = 0 };
	struct model_config config = model_config_default();
	struct model_sink sink = { on_packet, &c };
	struct str text = read_whole(path), rules_text;
	struct ruleset *rules = rules_beside(path, &rules_text);
	struct model *model;

	config.max_kept = 1024;
	config.rules = rules;
	model = model_create(&config, &sink);
	assert_non_null(model);
	page_open(&c.filled, true);
	page_open(&c.plain, false);
	feed(model, text);
	counts->made += json_counts(c.filled.json).made;
	counts->filled += json_counts(c.filled.json).filled;
	*packets += c.packets;
	page_close(&c.filled);
	page_close(&c.plain);
	model_destroy(model);
	ruleset_destroy(rules);
	free((char *)(uintptr_t)text.p);
	free((char *)(uintptr_t)rules_text.p);
}

static void test_packets(void **state)
{
	struct json_counts counts = { 0, 0 };
	uint64_t packets = 0;
	char pattern[4096];
	glob_t found;

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/{klog,nft,findings}/*.{log,kmsg,trace}", folder);
	assert_int_equal(glob(pattern, GLOB_BRACE, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		compare_log(found.gl_pathv[i], &counts, &packets);
	globfree(&found);
	assert_true(packets > 10000);
	assert_int_equal(counts.filled, packets);
	assert_true(counts.made < packets / 2);
}

/* struct thing - not a packet: text of any length, and a number */
struct thing {
	size_t n;
	uint64_t number;
	const uint64_t *elsewhere;
};

static void put_thing(struct json *json, const void *who)
{
	static char text[100000];
	const struct thing *thing = who;

	memset(text, 'x', sizeof(text));
	json_open(json, NULL, '{');
	json_put_string(json, "text", (struct str){ text, thing->n });
	json_field(json, "number", true, JSON_FIELD(thing->number));
	if (thing->elsewhere)
		json_field(json, "elsewhere", true, JSON_FIELD(*thing->elsewhere));
	json_close(json, '}');
}

static void write_thing(struct json *json, const struct thing *thing)
{
	static struct json_alike alike;

	alike.key[0] = thing->n;
	alike.n = 1;
	alike.parts[0] = (struct json_part){ thing, sizeof(*thing) };
	alike.put = put_thing;
	alike.who = thing;
	json_alike(json, &alike);
}

/* More text than there is room for, more forms than there is room for, and a list of all. */
static void test_room(void **state)
{
	struct page filled, plain;

	(void)state;
	page_open(&filled, true);
	page_open(&plain, false);
	for (size_t n = 0; n < 100000; n += n < 2000 ? 1 : 999) {
		struct thing thing = { n, n * n, NULL };

		for (int again = 0; again < 2; again++) {
			write_thing(filled.json, &thing);
			write_thing(plain.json, &thing);
		}
	}
	assert_true(json_counts(filled.json).made > 2000);
	assert_true(json_counts(filled.json).filled > 2000 + json_counts(filled.json).made);
	same(&filled, &plain);
	page_close(&filled);
	page_close(&plain);
}

/* A value that stands where no part is cannot be found again in the next object. */
static void test_elsewhere(void **state)
{
	struct page filled, plain;

	(void)state;
	page_open(&filled, true);
	page_open(&plain, false);
	for (uint64_t i = 0; i < 10; i++) {
		struct thing thing = { 7, i, &i };

		write_thing(filled.json, &thing);
		write_thing(plain.json, &thing);
	}
	assert_int_equal(json_counts(filled.json).filled, 0);
	same(&filled, &plain);
	page_close(&filled);
	page_close(&plain);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_elsewhere),
	};

	folder = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
