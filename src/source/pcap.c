// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pcap.c - cuts an NFLOG capture, pcap or pcapng, into one record a packet
 *
 * Theory of operation
 *
 * A reader of its own instead of libpcap: libpcap reads from a FILE only, so not from inside a
 * compressed file, and stops at a pcapng whose interfaces differ in link type.
 *
 * Both formats are a run of blocks that begin with their own size. A step looks at the front of
 * what was read and says what it made of it: a packet (1), something that is passed over (0 and
 * used > 0), or that it needs more (0 and used = 0). What is passed over is not kept: blocks of
 * other kinds may be bigger than the buffer.
 *
 * Formats: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng; link type 239 is formats.md 4.5.
 * Bytes that cannot be a block end the reading: nothing marks where the next one would begin.
 */
#include "pcap.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LINK_NFLOG 239
#define IFS_MAX	   4096
#define NS_PER_S   1000000000u

static_assert(sizeof(struct record_nflog) <= 12, "it fits into the header of any packet");

enum { PCAP_HEAD = 24, PCAP_PACKET = 16, BLOCK_HEAD = 8, BLOCK_TAIL = 4, BLOCK_MIN = 12 };

/* pcapng block types */
enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 2, SIMPLE = 3, ENHANCED = 6 };

#define NG_ORDER 0x1a2b3c4du /* in a section's own byte order */

/* The first word of a pcap, read as little-endian. */
static const struct form {
	uint32_t magic;
	bool big_endian;
	uint32_t units;
	unsigned int digits;
} forms[] = {
	{ 0xa1b2c3d4, false, 1000000, 6 },
	{ 0xd4c3b2a1, true, 1000000, 6 },
	{ 0xa1b23c4d, false, NS_PER_S, 9 },
	{ 0x4d3cb2a1, true, NS_PER_S, 9 },
};

static int step_head(struct pcap *pcap, struct str in, struct record *rec, size_t *used);
static int step_packet(struct pcap *pcap, struct str in, struct record *rec, size_t *used);
static int step_block(struct pcap *pcap, struct str in, struct record *rec, size_t *used);

static uint32_t get32(const struct pcap *pcap, const char *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return pcap->big_endian ? be32toh(v) : le32toh(v);
}

static unsigned int get16(const struct pcap *pcap, const char *at)
{
	uint16_t v;

	memcpy(&v, at, sizeof(v));
	return pcap->big_endian ? be16toh(v) : le16toh(v);
}

static uint32_t get_le(struct str in)
{
	static const struct pcap little = { .big_endian = false };

	return get32(&little, in.p);
}

static const struct form *form_of(struct str in)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (get_le(in) == forms[i].magic)
			return &forms[i];
	return NULL;
}

bool pcap_begins(struct str in, bool *more)
{
	static const char section[] = "\x0a\x0d\x0d\x0a";
	uint32_t order;

	*more = in.n < 4 && (!in.n || memchr("\xa1\xd4\x4d\x0a", *in.p, 4));
	if (in.n < 4)
		return false;
	if (form_of(in))
		return true;
	if (memcmp(in.p, section, 4))
		return false;
	*more = in.n < 12;
	if (*more)
		return false;
	order = get_le(str_skip(in, 8));
	return order == NG_ORDER || order == be32toh(htole32(NG_ORDER));
}

/* link_name - Return: what people call the link type, or NULL */
static const char *link_name(unsigned int link)
{
	static const struct {
		unsigned int link;
		const char *name;
	} names[] = {
		{ 1, "Ethernet" },	{ 101, "raw IP" },  { 113, "Linux cooked" },
		{ 105, "IEEE 802.11" }, { 253, "netlink" }, { 276, "Linux cooked v2" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].link == link)
			return names[i].name;
	return NULL;
}

/* foreign - a capture without NFLOG */
static int foreign(struct pcap *pcap)
{
	static const char made[] = "nfhop reads captures of NFLOG (link type 239), made with: "
				   "tcpdump -i nflog:GROUP -w FILE";
	const char *name = link_name(pcap->other);

	if (pcap->others)
		snprintf(pcap->trouble, sizeof(pcap->trouble),
			 "its packets are of link type %u%s%s%s; %s", pcap->other, name ? " (" : "",
			 name ? name : "", name ? ")" : "", made);
	else
		snprintf(pcap->trouble, sizeof(pcap->trouble), "it names no interface; %s", made);
	return -EPROTONOSUPPORT;
}

/* broken - what is here can be no part of a capture */
static int broken(struct pcap *pcap, const char *expected)
{
	pcap->broken = true;
	snprintf(pcap->trouble, sizeof(pcap->trouble),
		 "the capture is damaged at byte %llu (expected %s); %s",
		 (unsigned long long)pcap->offset, expected,
		 pcap->packets ? "what came before that is used" : "nothing of it could be read");
	return pcap->packets ? 0 : -EBADMSG;
}

static int add_interface(struct pcap *pcap, const struct pcap_if *new)
{
	struct pcap_if *ifs;

	if (pcap->n_ifs == IFS_MAX)
		return 0; /* its packets count as those of another link type */
	ifs = realloc(pcap->ifs, (pcap->n_ifs + 1) * sizeof(*ifs));
	if (!ifs)
		return -ENOMEM;
	ifs[pcap->n_ifs++] = *new;
	pcap->ifs = ifs;
	if (new->link == LINK_NFLOG) {
		pcap->nflog = true;
	} else if (!pcap->others) {
		pcap->others = true;
		pcap->other = new->link;
	}
	return 0;
}

static int step_start(struct pcap *pcap, struct str in, struct record *rec, size_t *used)
{
	(void)rec;
	(void)used;
	if (in.n < 4)
		return 0;
	pcap->step = form_of(in) ? step_head : step_block;
	return pcap->step(pcap, in, rec, used);
}

static int step_head(struct pcap *pcap, struct str in, struct record *rec, size_t *used)
{
	const struct form *form = form_of(in);
	struct pcap_if only;
	int ret;

	(void)rec;
	if (in.n < PCAP_HEAD)
		return 0;
	pcap->big_endian = form->big_endian;
	/* The upper half says how long the frame check sequences are. */
	only = (struct pcap_if){ .link = get32(pcap, in.p + 20) & 0xffff,
				 .units = form->units,
				 .digits = form->digits };
	ret = add_interface(pcap, &only);
	if (ret < 0)
		return ret;
	if (!pcap->nflog)
		return foreign(pcap);
	pcap->step = step_packet;
	*used = PCAP_HEAD;
	return 0;
}

/* to_head - a stamp in the units of its interface, as seconds and nanoseconds */
static void to_head(const struct pcap_if *from, uint64_t stamp, struct record_nflog *head)
{
	uint64_t s = stamp / from->units + (uint64_t)from->offset, rest = stamp % from->units;
	uint64_t units = from->units;

	for (; units > UINT64_C(10) * NS_PER_S; units /= 2)
		rest /= 2; /* finer than anything that matters, and it must not overflow below */
	head->timed = s <= UINT32_MAX;
	head->sec = (uint32_t)s;
	head->ns = (uint32_t)(rest * NS_PER_S / units);
	head->ns = head->ns < NS_PER_S ? head->ns : NS_PER_S - 1;
	head->digits = (uint8_t)from->digits;
}

static void hand_out(struct pcap *pcap, struct record *rec, uint64_t offset)
{
	*rec = (struct record){
		.kind = RECORD_NFLOG,
		.whole = true,
		.source = pcap->source,
		.line = ++pcap->packets,
		.lines = 1,
		.offset = pcap->offset + offset,
		.data = { "", 0 },
	};
}

/**
 * struct found - a packet in a capture
 * @at: where in the input its bytes begin, @n of them, of @real that it had
 * @interface: number of the interface
 * @stamp: in its units
 */
struct found {
	size_t at;
	uint32_t n, real;
	uint32_t interface;
	bool timed;
	uint64_t stamp;
};

/* take_packet - Return: 1. @found->at is at least as far in as a struct record_nflog is long. */
static int take_packet(struct pcap *pcap, struct str in, const struct found *found,
		       struct record *rec)
{
	struct record_nflog head = { .big_endian = pcap->big_endian };
	const struct pcap_if *from;
	char *at = (char *)in.p + found->at - sizeof(head); /* pcap_next() was given it to write */

	hand_out(pcap, rec, found->at);
	from = found->interface < pcap->n_ifs ? &pcap->ifs[found->interface] : NULL;
	if (!from || from->link != LINK_NFLOG)
		return 1;
	head.partial = found->n < found->real;
	if (found->timed)
		to_head(from, found->stamp, &head);
	memcpy(at, &head, sizeof(head));
	rec->data = (struct str){ at, sizeof(head) + found->n };
	return 1;
}

static int step_packet(struct pcap *pcap, struct str in, struct record *rec, size_t *used)
{
	struct found found = { .at = PCAP_PACKET, .timed = true };

	if (in.n < PCAP_PACKET)
		return 0;
	found.n = get32(pcap, in.p + 8);
	found.real = get32(pcap, in.p + 12);
	if (found.n > PCAP_PACKET_MAX)
		return broken(pcap, "a packet of at most 1 MiB");
	if (in.n - PCAP_PACKET < found.n)
		return 0;
	found.stamp = get32(pcap, in.p) * pcap->ifs->units + get32(pcap, in.p + 4);
	*used = PCAP_PACKET + found.n;
	return take_packet(pcap, in, &found, rec);
}

/* take_section - a pcapng section begins: its own byte order, its own interfaces */
static int take_section(struct pcap *pcap, struct str block, struct record *rec)
{
	(void)block;
	(void)rec;
	pcap->n_ifs = 0;
	return 0;
}

/* units_of - if_tsresol: a negative power of 10, or of 2 if the highest bit is set */
static void units_of(unsigned int resolution, struct pcap_if *new)
{
	unsigned int power = resolution & 0x7f;
	uint64_t units = 1;

	if (resolution & 0x80) {
		new->units = UINT64_C(1) << (power < 63 ? power : 63);
		new->digits = 9;
		return;
	}
	new->digits = power < 9 ? power : 9;
	for (power = power < 19 ? power : 19; power; power--)
		units *= 10;
	new->units = units;
}

static void take_options(const struct pcap *pcap, struct str options, struct pcap_if *new)
{
	enum { RESOLUTION = 9, OFFSET = 14 };

	while (options.n >= 4) {
		unsigned int code = get16(pcap, options.p), n = get16(pcap, options.p + 2);
		const char *value = options.p + 4;

		if (!code || n > options.n - 4)
			break;
		if (code == RESOLUTION && n == 1)
			units_of((uint8_t)*value, new);
		if (code == OFFSET && n == 8) {
			uint64_t one = get32(pcap, value), two = get32(pcap, value + 4);

			new->offset = (int64_t)(pcap->big_endian ? one << 32 | two
								 : two << 32 | one);
		}
		options = str_skip(options, 4 + ((n + 3u) & ~3u));
	}
}

static int take_interface(struct pcap *pcap, struct str block, struct record *rec)
{
	struct pcap_if new = { .link = get16(pcap, block.p + 8), .units = 1000000, .digits = 6 };

	(void)rec;
	take_options(pcap, str_skip(block, 16), &new);
	return add_interface(pcap, &new);
}

/* take_enhanced - also the old packet block, whose interface number is half as wide */
static int take_enhanced(struct pcap *pcap, struct str block, struct record *rec)
{
	bool old = get32(pcap, block.p) == PACKET;
	struct found found = {
		.at = 28,
		.n = get32(pcap, block.p + 20),
		.real = get32(pcap, block.p + 24),
		.interface = old ? get16(pcap, block.p + 8) : get32(pcap, block.p + 8),
		.timed = true,
		.stamp = (uint64_t)get32(pcap, block.p + 12) << 32 | get32(pcap, block.p + 16),
	};

	if (found.n > block.n - found.at)
		return broken(pcap, "a packet that fits into its block");
	return take_packet(pcap, block, &found, rec);
}

/* take_simple - the packet's only size is its real one; the rest of the block is the packet */
static int take_simple(struct pcap *pcap, struct str block, struct record *rec)
{
	struct found found = { .at = 12, .real = get32(pcap, block.p + 8) };

	found.n = (uint32_t)(block.n - found.at);
	if (found.real < found.n)
		found.n = found.real; /* padding */
	return take_packet(pcap, block, &found, rec);
}

/* Blocks that are not here are passed over; @min is without the size at the end. */
static const struct kind {
	uint32_t type;
	size_t min;
	int (*take)(struct pcap *pcap, struct str block, struct record *rec);
} kinds[] = {
	{ SECTION, 24, take_section },	 { INTERFACE, 16, take_interface },
	{ PACKET, 28, take_enhanced },	 { SIMPLE, 12, take_simple },
	{ ENHANCED, 28, take_enhanced },
};

static const struct kind *kind_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

/* find_order - Return: false if a section does not say which byte order it has */
static bool find_order(struct pcap *pcap, struct str in)
{
	for (int big = 0; big < 2; big++) {
		pcap->big_endian = big;
		if (get32(pcap, in.p + 8) == NG_ORDER)
			return true;
	}
	return false;
}

static int step_block(struct pcap *pcap, struct str in, struct record *rec, size_t *used)
{
	const struct kind *kind;
	uint32_t size;
	int ret;

	if (in.n < BLOCK_MIN)
		return 0;
	if (get_le(in) == SECTION && !find_order(pcap, in))
		return broken(pcap, "the byte order of a section");
	kind = kind_of(get32(pcap, in.p));
	size = get32(pcap, in.p + 4);
	if (size < BLOCK_MIN || size % 4 || (kind && size < kind->min + BLOCK_TAIL))
		return broken(pcap, "the size of a block");
	if (!kind) {
		pcap->skip = size;
		return 0;
	}
	if (size > PCAP_PACKET_MAX)
		return broken(pcap, "a packet of at most 1 MiB");
	if (in.n < size)
		return 0;
	ret = kind->take(pcap, str_first(in, size - BLOCK_TAIL), rec);
	*used = size;
	return ret;
}

static size_t pass_over(struct pcap *pcap, size_t n)
{
	size_t part = pcap->skip < n ? (size_t)pcap->skip : n;

	pcap->skip -= part;
	return part;
}

/* end - said once: no more is to come, or to be understood. Return: 1 with the record for it, 0 */
static int end(struct pcap *pcap, size_t left, struct record *rec)
{
	bool cut = left || pcap->skip || pcap->broken;

	pcap->ended = true;
	if (!pcap->nflog && !pcap->broken)
		return foreign(pcap);
	if (!cut)
		return 0;
	hand_out(pcap, rec, 0);
	rec->whole = false;
	return 1;
}

int pcap_next(struct pcap *pcap, char *in, size_t n, bool last, struct record *rec, size_t *used)
{
	int ret = 0;

	*used = 0;
	if (!pcap->step)
		pcap->step = step_start;
	while (!ret && !pcap->broken) {
		struct str rest = { in + *used, n - *used };
		size_t part = pass_over(pcap, rest.n);

		if (!part && !pcap->skip)
			ret = pcap->step(pcap, rest, rec, &part);
		if (!part && !(pcap->skip && rest.n))
			break;
		*used += part;
		pcap->offset += part;
	}
	if (ret || (!last && !pcap->broken))
		return ret;
	ret = pcap->ended ? 0 : end(pcap, n - *used, rec);
	*used = n;
	return ret;
}

void pcap_finish(struct pcap *pcap)
{
	free(pcap->ifs);
	pcap->ifs = NULL;
	pcap->n_ifs = 0;
}
