// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_same.c - a block decoded at once says the same as its records decoded one by one
 *
 * Over every log in the folders that are named as arguments, as it is, as other tools would have
 * written it (rewritings[]), and damaged in many ways: bytes and words changed, lost, doubled,
 * lines doubled and cut. The damage is random, with a fixed seed. Most of it falls into lines that
 * are in a known form, which is the point.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/bulk.h"
#include "nfhop/decode.h"
#include "nfhop/split.h"

#define ROUNDS	 12
#define FILE_MAX ((size_t)1 << 20)

static int n_folders;
static char **folders;
static uint64_t seed = 1;
static size_t n_hops, n_quick;

static size_t below(size_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return n ? (size_t)(seed * UINT64_C(0x2545f4914f6cdd1d) >> 33) % n : 0;
}

static void same_str(struct str a, struct str b)
{
	assert_int_equal(a.n, b.n);
	if (a.n)
		assert_memory_equal(a.p, b.p, a.n);
}

static void same_stamp(const struct stamp *a, const struct stamp *b)
{
	assert_int_equal(a->have, b->have);
	assert_int_equal(a->wall_ns, b->wall_ns);
	assert_int_equal(a->up_ns, b->up_ns);
	assert_int_equal(a->zone_min, b->zone_min);
	assert_int_equal(a->wall_digits, b->wall_digits);
	assert_int_equal(a->up_digits, b->up_digits);
}

static void same_event(const struct event *a, const struct event *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->have, b->have);
	assert_int_equal(a->times, b->times);
	same_stamp(&a->stamp, &b->stamp);
	same_str(a->host, b->host);
	assert_int_equal(a->hop, b->hop);
	assert_int_equal(a->hook, b->hook);
	assert_int_equal(a->family, b->family);
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->handle, b->handle);
	assert_int_equal(a->trace_id, b->trace_id);
	same_str(a->table, b->table);
	same_str(a->chain, b->chain);
	same_str(a->target, b->target);
	same_str(a->prefix, b->prefix);
	same_str(a->rule_text, b->rule_text);
	same_str(a->iif, b->iif);
	same_str(a->oif, b->oif);
	same_str(a->physin, b->physin);
	same_str(a->physout, b->physout);
	assert_int_equal(a->mark, b->mark);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->gid, b->gid);
	assert_memory_equal(&a->pkt, &b->pkt, sizeof(a->pkt));
	assert_memory_equal(&a->quoted, &b->quoted, sizeof(a->quoted));
}

/* the records of @text one by one, against @b; the last number of /dev/kmsg, as either has it */
struct walk {
	struct str text;
	const struct batch *b;
	struct split split;
	struct scratch scratch;
	size_t line, others;
	uint64_t seq, fast_seq;
};

/* next_of_batch - the step that the record belongs to, with a count of foreign lines unrolled */
static const struct line *next_of_batch(struct walk *w, const struct record *rec)
{
	const struct line *line = &w->b->lines[w->line];

	if (w->line >= w->b->n)
		fail_msg("the batch ends before: %.*s", STR_ARG(rec->data));
	if (line->kind != LINE_OTHER || ++w->others == line->number) {
		w->line++;
		w->others = 0;
	}
	return line;
}

/* line_end - of a line that stands in a text, behind its carriage return */
static const char *line_end(struct str line)
{
	const char *end = line.p + line.n;

	return end + (*end == '\r');
}

static void same_place(struct str a, struct str b)
{
	assert_ptr_equal(a.p, b.p);
	assert_int_equal(a.n, b.n);
}

/* lost - how many records of /dev/kmsg are missing before @seq; 0 is before the first */
static uint64_t lost(uint64_t last, uint64_t seq)
{
	return last && seq > last + 1 ? seq - last - 1 : 0;
}

/* same_losses - as the model counts them */
static void same_losses(struct walk *w, const struct line *line, const struct event *ev)
{
	if (line->kind == LINE_RECORD && line->stamp.have & STAMP_SEQ)
		w->fast_seq = line->stamp.up_ns;
	if (!(ev->stamp.have & STAMP_SEQ))
		return;
	assert_int_equal(lost(w->seq, ev->seq),
			 line->kind == LINE_RECORD ? lost(w->fast_seq, ev->seq) : 0);
	assert_true(w->seq || line->kind == LINE_RECORD);
	w->seq = ev->seq;
	if (line->kind == LINE_RECORD)
		w->fast_seq = ev->seq;
}

static void compare(struct walk *w, const struct record *rec)
{
	const struct line *line = next_of_batch(w, rec);
	struct complaint why;
	struct event ev, fast;
	int err;

	w->scratch.used = 0;
	if (line->kind == LINE_RECORD) {
		const struct record *other = &w->b->records[line->number];

		assert_int_equal(other->kind, rec->kind);
		assert_int_equal(other->whole, rec->whole);
		assert_int_equal(other->line, rec->line);
		assert_int_equal(other->lines, rec->lines);
		assert_int_equal(other->offset, rec->offset);
		same_str(other->data, rec->data);
		n_hops += !decode_record(rec, &w->scratch, &ev, &why) && ev.kind == EVENT_HOP &&
			  !(ev.have & EVENT_TRACE_ID);
		same_losses(w, line, &ev);
		return;
	}
	err = decode_record(rec, &w->scratch, &ev, &why);
	if (err)
		fail_msg("not refused: %.*s", STR_ARG(rec->data));
	if (line->kind == LINE_HOP)
		same_place(rec->data, str_first(str_skip(w->b->text, line->at), line->n));
	else if (!w->others)
		assert_ptr_equal(line_end(rec->data), w->b->text.p + line->at);
	if (line->kind == LINE_OTHER) {
		memset(&fast, 0, sizeof(fast));
		fast.times = 1;
	} else {
		batch_event(w->b, line, &fast);
		n_quick++;
		n_hops++;
	}
	same_event(&fast, &ev);
	same_losses(w, line, &ev);
}

static bool only_nuls(struct str s)
{
	while (s.n && !*s.p)
		s = str_skip(s, 1);
	return !s.n;
}

static void check_text(struct str text)
{
	static char room[SCRATCH_SIZE];
	struct batch batch = { .n = 0 };
	struct quick *quick = quick_create(0);
	struct walk w = { .text = text, .b = &batch, .scratch = { room, sizeof(room), 0 } };
	struct record rec;
	size_t at = 0, n;

	assert_non_null(quick);
	assert_int_equal(bulk_decode(quick, text, true, &batch), 0);
	while (at < text.n && (n = split_next(&w.split, str_skip(text, at), true, &rec))) {
		if (!only_nuls(str_first(str_skip(text, at), n)))
			compare(&w, &rec);
		at += n;
	}
	assert_int_equal(batch.used, text.n);
	assert_int_equal(w.line, batch.n);
	assert_int_equal(w.split.line, batch.n_lines);
	assert_int_equal(batch.has_seq ? batch.seq : w.fast_seq, w.seq);
	batch_finish(&batch);
	quick_destroy(quick);
}

static size_t word_length(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] != ' ' && p[i] != '\n')
		i++;
	return i;
}

static size_t replace(char *text, size_t n, size_t at, size_t old, const char *with, size_t n_with)
{
	if (at + old > n || n - old + n_with > FILE_MAX)
		return n;
	memmove(text + at + n_with, text + at + old, n - at - old);
	memcpy(text + at, with, n_with);
	return n - old + n_with;
}

/* damage - one thing that happens to logs */
static size_t damage(char *text, size_t n)
{
	static const char *const words[] = {
		"OUT=x ",
		"IN=a OUT=b ",
		" ",
		"[ 12.5] ",
		"TRACE: ",
		"SRC=1.2.3.4 ",
		"MARK=0x7 ",
		"MARK=0x0x7",
		"DF ",
		"MF ",
		"FRAG:185 ",
		"UID=0 GID=0 ",
		"PROTO=47 ",
		"ID=",
		"\r",
		"\t",
		"0",
		"TTL=6 3",
		"trace id 1",
		"PACKET: 2 1",
		"[SRC=1.2.3.4",
		"kernel: ",
		"gw kernel: ",
		"IN= ",
		"ACK ",
		"message repeated 2 times: [ ",
		"Last message 'x' repeated 3 times",
		"OPT (0204) ",
		"MAC= ",
		"PHYSIN=p ",
		"LEN=99999999999 ",
		"SPT=65536 ",
		"2001:db8::1",
		"{",
		"\n{\"MESSAGE\":\"x\"}\n",
		"\nMESSAGE=x\n\n",
		"\x1e",
	};
	size_t at = below(n), more = below(sizeof(words) / sizeof(*words));
	char c = (char)(below(6) ? ' ' + below(95) : below(256));
	char line[1024];
	size_t end;

	if (!n)
		return n;
	switch (below(8)) {
	case 0:
	case 1:
		text[at] = c;
		return n;
	case 2:
		return replace(text, n, at, 1, "", 0);
	case 3:
	case 4:
		at += word_length(text + at, n - at);
		return replace(text, n, at < n ? at + 1 : at, 0, words[more], strlen(words[more]));
	case 5:
		return replace(text, n, at, word_length(text + at, n - at), "", 0);
	case 6:
		return replace(text, n, at, 0, words[more], strlen(words[more]));
	default:
		for (end = at; end < n && end - at < sizeof(line) && text[end] != '\n'; end++)
			line[end - at] = text[end];
		return replace(text, n, end, 0, line, end - at);
	}
}

/* what lines end with, or seem to */
static const char *const ends[] = { "\n", "\r\n", "\r\r\n", "\r" };

/* As Windows ends lines, and one that is torn; grep -n, grep -Hn. */
static const struct rewriting {
	const char *name;
	bool numbered;
	const char *end;
} rewritings[] = {
	{ "", false, "\n" },	  { "", false, "\r\n" },   { "", true, "\n" },
	{ "a.log:", true, "\n" }, { "", false, "\r\r\n" }, { "", true, "\r\n" },
};

/* rewrite - the lines of @text as other tools write them; Return: how many bytes they have */
static size_t rewrite(char *text, size_t n, const struct rewriting *as)
{
	static char out[FILE_MAX];
	size_t m = 0, no = below(3) ? 0 : 995;

	for (size_t at = 0, line; at < n; at += line + 1) {
		for (line = 0; at + line < n && text[at + line] != '\n';)
			line++;
		if (m + line + 40 > FILE_MAX)
			return n;
		m += (size_t)sprintf(out + m, "%s", as->name);
		if (as->numbered)
			m += (size_t)sprintf(out + m, "%zu:", ++no);
		memcpy(out + m, text + at, line);
		m += line;
		if (at + line < n)
			m += (size_t)sprintf(out + m, "%s", below(30) ? as->end : "\n");
	}
	memcpy(text, out, m);
	return m;
}

/* In blocks of their own lines, so that a read behind the end is one behind the heap's block. */
static void check_copy(const char *text, size_t n)
{
	char *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	memcpy(copy, text, n);
	check_text((struct str){ copy, n });
	free(copy);
}

static void check_file(const char *path)
{
	static char text[FILE_MAX], damaged[FILE_MAX];
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) / 2, f);
	fclose(f);
	check_copy(text, n);
	for (int i = 0; i < ROUNDS; i++) {
		size_t m = n, as = (size_t)i % (sizeof(rewritings) / sizeof(*rewritings));

		memcpy(damaged, text, n);
		m = rewrite(damaged, n, &rewritings[as]);
		if (as)
			check_copy(damaged, m);
		for (size_t k = 0; k < 1 + n / 400; k++)
			m = damage(damaged, m);
		check_copy(damaged, below(4) ? m : below(m + 1));
	}
}

static void logs_say_the_same(void **state)
{
	(void)state;
	for (int i = 0; i < n_folders; i++) {
		DIR *folder = opendir(folders[i]);
		struct dirent *entry;
		char path[4096];

		assert_non_null(folder);
		while ((entry = readdir(folder))) {
			const char *name = entry->d_name, *end = strrchr(name, '.');

			if (*name == '.' || !end || !strcmp(end, ".gz") || !strcmp(end, ".ndjson"))
				continue;
			snprintf(path, sizeof(path), "%s/%s", folders[i], name);
			check_file(path);
		}
		closedir(folder);
	}
}

/* Other programs' lines, among them now and then what somebody looks for. */
static size_t foreign_line(char *to)
{
	static const char *const words[] = {
		"nf_conntrack: table full, dropping packet",
		"kernel: nf_conntrack: nf_conntrack: table full, dropping packet",
		"kernel: neighbour: arp_cache: neighbor table overflow!",
		"kernel: IPv4: martian source 10.0.0.1 from 10.0.0.2, on dev eth0",
		"kernel: TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.",
		"kernel: TCP: out of memory -- consider tuning tcp_mem",
		"kernel: TCP: too many orphaned sockets",
		"kernel: net_ratelimit: 5 callbacks suppressed",
		"kernel: printk: 7 messages suppressed.",
		"last message repeated 2 times",
		"message repeated 3 times: [ x]",
		"Last message 'x' repeated 1 times, suppressed by syslog-ng on gw",
		"rsyslogd: imuxsock lost 7 messages from pid 1 due to rate-limiting",
		"systemd-journald[1]: Missed 12 kernel messages",
		"systemd-journald[1]: Forwarding to syslog missed 3 messages.",
		"systemd-journald[1]: /dev/kmsg buffer overrun, some messages lost.",
		"# ERROR: We lost some netlink events",
		"kernel: conntrack_ftp: partial 227 1+13",
		"trace id 1f ip raw PREROUTING packet: iif \"a\"",
		"TRACE: 2 1f raw:PREROUTING:rule:0x1:CONTINUE -4 -t raw",
		"PACKET: 2 1f IN=lo SRC=1.2.3.4 DST=1.2.3.4",
		"kernel: x IN=a OUT= SRC=1.2.3.4 DST=1.2.3.5 LEN=20 TOS=0x00 PREC=0x00 TTL=1 ID=0",
		"PROTO=TCP",
		"IN=",
		"OUT=",
		" OUT=",
	};
	static const char *const fronts[] = { "Mar  2 01:00:00 gw ",
					      "Mar  2 01:00:00 gw ",
					      "",
					      "Sep 12 23:59:59 gw ",
					      "Dec  1 00:00:00 gw ",
					      "Mai  1 00:00:00 gw ",
					      "Pri ",
					      "Sy",
					      "dat ",
					      "data",
					      "2026-03-02T01:00:00.000001+00:00 gw ",
					      "[    5.123456] ",
					      "[  123.123456] ",
					      "[+0.000001] ",
					      "[12345.123456] ",
					      "6,12,345,-;",
					      "30,1,1,-;",
					      " ",
					      "MESSAGE=x",
					      "PRIORITY=6",
					      "_A=b",
					      "data: {}",
					      "\xef",
					      "\xef\xbb\xbf",
					      "{}",
					      "{\"a\":1}",
					      "\x1e{}",
					      ",",
					      "\t" };
	size_t n = 0, length = below(120), at;
	const char *front = fronts[below(4) ? below(2) : below(sizeof(fronts) / sizeof(*fronts))];

	n = strlen(front);
	memcpy(to, front, n);
	at = below(length);
	for (size_t i = 0; i < length; i++) {
		static const char letters[] = "  etaoinshrdlucmfwypgbkTRACEINOUT=:-_/[]0123456789";
		const char *word = words[below(sizeof(words) / sizeof(*words))];

		if (i == at && !below(8)) {
			memcpy(to + n, word, strlen(word));
			n += strlen(word);
		}
		to[n++] = letters[below(sizeof(letters) - 1)];
	}
	to[n++] = '\n';
	return n;
}

static void foreign_lines_say_the_same(void **state)
{
	static char text[FILE_MAX];

	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t n = 0, lines = 1 + below(200);

		while (lines--)
			n += foreign_line(text + n);
		check_copy(text, below(4) ? n : below(n + 1));
	}
}

/* write_number - mostly one that may stand there, else one at the edge of it, or none at all */
static size_t write_number(char *to, const char *word, uint64_t max)
{
	static const char *const odd[] = {
		"", "x", "1x", "007", "-1", "00000000001", "99999999999"
	};

	switch (below(60)) {
	case 0:
		return (size_t)sprintf(to, "%s=%s ", word, odd[below(sizeof(odd) / sizeof(*odd))]);
	case 1:
		return (size_t)sprintf(to, "%s=%llu ", word, (unsigned long long)(max + 1));
	case 2:
		return (size_t)sprintf(to, "%s=%llu ", word, (unsigned long long)max);
	default:
		max = below(3) ? below((size_t)max) : below(12);
		return (size_t)sprintf(to, "%s=%llu ", word, (unsigned long long)max);
	}
}

static size_t write_address(char *to, const char *word, bool ip6)
{
	static const char *const odd[] = { "256.1.1.1", "1.2.3",  "1.2.3.4.5",	 "::1",
					   "01.1.1.1",	"1..2.3", "2001:db8::1", "2001:0db8" };
	size_t n = (size_t)sprintf(to, "%s=", word);

	if (!below(80))
		n += (size_t)sprintf(to + n, "%s", odd[below(sizeof(odd) / sizeof(*odd))]);
	else if (!ip6)
		n += (size_t)sprintf(to + n, "%zu.%zu.%zu.%zu", below(256), below(256), below(30),
				     below(10));
	else
		for (int i = 0; i < 8; i++)
			n += (size_t)sprintf(to + n, "%04zx%s", below(65536), i < 7 ? ":" : "");
	return n + (size_t)sprintf(to + n, " ");
}

static size_t write_tcp(char *to)
{
	static const char *const flags[] = { "SYN ", "ACK ", "ACK SYN ", "ACK PSH FIN " };
	size_t n = (size_t)sprintf(to, "PROTO=TCP ");

	n += write_number(to + n, "SPT", 65535);
	n += write_number(to + n, "DPT", 65535);
	if (below(4)) {
		n += write_number(to + n, "SEQ", UINT32_MAX);
		n += write_number(to + n, "ACK", UINT32_MAX);
	}
	n += write_number(to + n, "WINDOW", 65535);
	n += (size_t)sprintf(to + n, "RES=0x00 %sURGP=0 ", flags[below(4)]);
	if (below(2)) {
		n += (size_t)sprintf(to + n, "OPT (");
		for (size_t k = below(5) * (1 + below(6)); k; k--)
			n += (size_t)sprintf(to + n, "%02zX", below(256));
		n += (size_t)sprintf(to + n, "%s) ", below(40) ? "" : " DPT=1");
	}
	return n;
}

static size_t write_echo(char *to, bool ip6)
{
	size_t n = (size_t)sprintf(to, "PROTO=%s TYPE=%d CODE=0 ", ip6 ? "ICMPv6" : "ICMP",
				   ip6 ? 128 : 8);

	n += write_number(to + n, "ID", 65535);
	return n + write_number(to + n, "SEQ", 65535);
}

/* write_packet - as the kernel prints one */
static size_t write_packet(char *to)
{
	bool ip6 = !below(4);
	size_t n = write_address(to, "SRC", ip6);

	n += write_address(to + n, "DST", ip6);
	n += write_number(to + n, "LEN", below(50) ? 1500 : UINT32_MAX);
	if (ip6) {
		n += write_number(to + n, "TC", 3);
		n += write_number(to + n, "HOPLIMIT", 255);
		n += write_number(to + n, "FLOWLBL", 0xfffff);
	} else {
		n += (size_t)sprintf(to + n, "TOS=0x%02zx PREC=0x00 ", below(2) * 8);
		n += write_number(to + n, "TTL", 255);
		n += write_number(to + n, "ID", 65535);
		n += (size_t)sprintf(to + n, "%s", below(2) ? "DF " : "");
	}
	switch (below(4)) {
	case 0:
		n += (size_t)sprintf(to + n, "PROTO=UDP ");
		n += write_number(to + n, "SPT", 65535);
		n += write_number(to + n, "DPT", 65535);
		n += write_number(to + n, "LEN", 65535);
		break;
	case 1:
		n += write_echo(to + n, ip6);
		break;
	default:
		n += write_tcp(to + n);
	}
	return n + (size_t)sprintf(to + n, "%s", below(4) ? "" : "MARK=0x7 ") - !below(9);
}

/* Packets that differ in numbers alone, and in what looks like a number. */
static void packets_say_the_same(void **state)
{
	static char text[FILE_MAX];
	size_t quick = n_quick, hops = n_hops;

	(void)state;
	for (int round = 0; round < 60; round++) {
		size_t n = 0;

		for (int i = 0; i < 400; i++) {
			n += (size_t)sprintf(text + n,
					     "Mar  2 01:00:00 gw kernel: [    1.%06d] TRACE: "
					     "filter:FORWARD:rule:%zu IN=a OUT=b ",
					     i, 1 + below(3));
			n += write_packet(text + n);
			n += (size_t)sprintf(text + n, "%s", ends[round % 2]);
		}
		check_copy(text, below(4) ? n : below(n + 1));
	}
	/* the rest has something odd in it */
	assert_true((n_quick - quick) * 10 > (n_hops - hops) * 7);
}

/*
 * Framings, with S for a second's two digits, F for six of a fraction, U for ten of an uptime, N
 * for a line's number, and words whose beginning some of them read as a part of the framing, and
 * others do not.
 */
static const char *const framings[] = {
	"Mar  2 01:00:S gw kernel: [U.F] ",
	"Mar  2 01:00:S gw kernel: ",
	"Mar  2 01:00:S gw2 kernel: [U.F] ",
	"Mar 02 01:00:S.F gw kernel: ",
	"2026-03-02T01:00:S.F+00:00 gw kernel: [U.F] ",
	"2026-03-02T01:00:S.F+01:00 gw kernel: ",
	"2026-03-02T01:00:S+00:00 gw kernel: ",
	"2026-03-02T01:00:S,F+00:00 ",
	"[U.F] ",
	"[U.F] gw kernel: ",
	"[Mon Mar  2 01:00:S 2026] ",
	"kern  :warn  : [U.F] ",
	"<4>1 2026-03-02T01:00:S.F+00:00 gw kernel - - - [U.F] ",
	"<4>Mar  2 01:00:S gw kernel: [U.F] ",
	"kern.log:Mar  2 01:00:S gw kernel: [U.F] ",
	"Mar  2 01:00:S 01:02:03 kernel: [U.F] ",
	"N:Mar  2 01:00:S gw kernel: [U.F] ",
	"N:2026-03-02T01:00:S.F+00:00 gw kernel: [U.F] ",
	"N:[U.F] ",
	"N:[Mon Mar  2 01:00:S 2026] ",
	"N:gw kernel: [U.F] ",
	"kern.log:N:Mar  2 01:00:S gw kernel: ",
	"/var/log/kern.log:N:[U.F] gw kernel: ",
	"2026.log:N:2026-03-02T01:00:S.F+00:00 gw kernel: ",
};

/* What is not read as one that is much like it: it is none, or has other parts. */
static const char *const strange[][2] = {
	{ "01:02:03.log:Mar  2 01:00:S gw kernel: [U.F] ",
	  "kern.log:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "N-Mar  2 01:00:S gw kernel: [U.F] ", "N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "N: Mar  2 01:00:S gw kernel: [U.F] ", "N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ ":Mar  2 01:00:S gw kernel: [U.F] ", "N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "N\tMar  2 01:00:S gw kernel: [U.F] ", "N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "N:<4>Mar  2 01:00:S gw kernel: [U.F] ", "N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "N:N:Mar  2 01:00:S gw kernel: [U.F] ", "N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "a b:N:Mar  2 01:00:S gw kernel: [U.F] ", "a.b:N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "a.b:N:N:Mar  2 01:00:S gw kernel: [U.F] ", "a.b:N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "a.b:NN:Mar  2 01:00:S gw kernel: [U.F] ", "a.b:N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "a.b::Mar  2 01:00:S gw kernel: [U.F] ", "a.b:N:Mar  2 01:00:S gw kernel: [U.F] " },
	{ "NN:gw kernel: [U.F] ", "N:gw kernel: [U.F] " },
	{ ":gw kernel: [U.F] ", "N:gw kernel: [U.F] " },
	{ "N:01:02:S gw kernel: [U.F] ", "12:01:S gw kernel: [U.F] " },
};

static const char *const beginnings[] = {
	"TRACE: filter:FORWARD:rule:1 ",
	"TRACE: raw:PREROUTING:policy:2 ",
	"[UFW BLOCK] ",
	"DROP ",
	"[DROP] ",
	"fw: ",
	"[12.5] DROP ",
	"gw kernel: DROP ",
	"gw kernel: TRACE: raw:OUTPUT:rule:1 ",
	"[ T12] DROP ",
	"[Mar 2] x ",
	"gw DROP ",
	"[U.F] DROP ",
};

/* write_line_number - with one digit more or less than others */
static size_t write_line_number(char *to)
{
	size_t limit = 10;

	for (size_t digits = below(9); digits; digits--)
		limit *= 10;
	return (size_t)sprintf(to, "%zu", below(limit));
}

/* write_framed - @form with its digits filled in */
static size_t write_framed(char *to, const char *form)
{
	size_t n = 0;

	for (; *form; form++)
		switch (*form) {
		case 'S':
			n += (size_t)sprintf(to + n, "%02zu", below(60));
			break;
		case 'F':
			n += (size_t)sprintf(to + n, "%06zu", below(1000000));
			break;
		case 'N':
			n += write_line_number(to + n);
			break;
		case 'U':
			n += (size_t)sprintf(to + n, "%5zu", 5000 + below(3));
			break;
		default:
			to[n++] = *form;
		}
	return n;
}

#define SOME 4 /* framings are mixed; more than are known at a time would hide each other */

static size_t write_lines(char *text, size_t lines, const char *framing, const char *end,
			  size_t n_beginnings)
{
	const char *some[SOME];
	size_t n = 0;

	for (size_t i = 0; i < SOME; i += 2) {
		size_t at = below(sizeof(strange) / sizeof(*strange));

		some[i] = below(2) ? framings[below(sizeof(framings) / sizeof(*framings))]
				   : strange[at][0];
		some[i + 1] = strange[at][1];
	}

	while (lines--) {
		const char *begin = beginnings[below(n_beginnings)];

		n += write_framed(text + n, framing ? framing : some[below(SOME)]);
		n += begin[0] == '[' && begin[1] == 'U' && begin[2] == '.'
			     ? write_framed(text + n, begin)
			     : (size_t)sprintf(text + n, "%s", begin);
		n += (size_t)sprintf(
			text + n,
			"IN=a OUT=b SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x00 "
			"PREC=0x00 TTL=64 ID=%zu DF PROTO=UDP SPT=1000 DPT=80 LEN=40%s%s",
			below(3), below(9) ? " " : "",
			end ? end : ends[below(2) ? 1 : below(sizeof(ends) / sizeof(*ends))]);
	}
	return n;
}

/* One framing is known from its first line on; mixed ones are read as what they are. */
static void framings_say_the_same(void **state)
{
	static char text[FILE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(framings) / sizeof(*framings); i++) {
		size_t quick = n_quick, n = write_lines(text, 100, framings[i], ends[i % 2], 3);

		check_copy(text, n);
		if (n_quick - quick != 100)
			fail_msg("%zu of 100 are quick: %s", n_quick - quick, framings[i]);
	}
	for (int round = 0; round < 400; round++) {
		size_t n = write_lines(text, 200, NULL, round % 3 ? "\n" : NULL,
				       sizeof(beginnings) / sizeof(*beginnings));

		for (size_t k = round % 2 ? below(20) : 0; k; k--)
			n = damage(text, n);
		check_copy(text, n);
	}
}

/* write_kmsg - one record of /dev/kmsg, number *@seq, or something else; @odd: maybe odd ones */
static size_t write_kmsg(char *to, uint64_t *seq, bool odd)
{
	static const char *const levels[] = { "4", "6", "0", "7", "30", "8", "04", "x", "" };
	static const char *const flags[] = {
		"-",	       "c",	  "-,caller=T12",
		"-,caller=C1", "",	  "-,trace id 1 ip t c policy accept ",
		"-,x;y",       "\033[m-", "-,caller=T12 "
	};
	static const char *const words[] = {
		"TRACE: filter:FORWARD:rule:1 IN=a OUT=b SRC=10.0.0.1 DST=10.0.0.2 LEN=60 "
		"TOS=0x00 PREC=0x00 TTL=64 ID=5 DF PROTO=UDP SPT=1000 DPT=80 LEN=40 ",
		"[UFW BLOCK] IN=a OUT= SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64 "
		"ID=5 DF PROTO=UDP SPT=1000 DPT=80 LEN=40 ",
		"usb 1-1: new device",
		"TRACE: filter:FORWARD:rule:1 IN=a OUT=b SRC=10.0.0.1 DST=10.0.0.x LEN=60 ",
		"nf_conntrack: nf_conntrack: table full, dropping packet",
		" SUBSYSTEM=net",
		"[12.5] DROP IN=a OUT=b SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64 "
		"ID=5 DF PROTO=UDP SPT=1000 DPT=80 LEN=40 ",
		"trace id 1 ip t c policy accept",
		"x\\x41 IN=a OUT=b SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=5 "
		"DF PROTO=UDP SPT=1000 DPT=80 LEN=40 ",
	};
	size_t level = below(odd && !below(9) ? 9 : 4), flag = below(odd && !below(9) ? 9 : 4);
	size_t word = below(odd && !below(4) ? 9 : 2);

	*seq += odd && !below(12) ? below(5) - 2 : 1;
	if (odd && !below(20))
		return write_lines(to, 1, framings[below(12)], "\n", 2);
	if (odd && !below(20))
		return (size_t)sprintf(to, " SUBSYSTEM=net\n DEVICE=+net:a\n");
	return (size_t)sprintf(to, "%s,%llu,%zu,%s;%s%s", levels[level], (unsigned long long)*seq,
			       500000000 + below(1000), flags[flag], words[word],
			       odd && !below(5) ? "\r\n" : "\n");
}

/* Records have numbers, and holes among them are losses. */
static void kmsg_says_the_same(void **state)
{
	static char text[FILE_MAX];
	size_t n = 0, quick = n_quick;
	uint64_t seq = 97;

	(void)state;
	for (int i = 0; i < 100; i++)
		n += write_kmsg(text + n, &seq, false);
	check_copy(text, n);
	assert_int_equal(n_quick - quick, 99); /* nothing is known of what was before the first */
	for (int round = 0; round < 400; round++) {
		seq = 90 + below(20);
		n = 0;
		for (int i = 0; i < 150; i++)
			n += write_kmsg(text + n, &seq, round % 4);
		for (size_t k = round % 2 ? below(20) : 0; k; k--)
			n = damage(text, n);
		check_copy(text, n);
	}
}

/* What is looked through line by line must stay short, whatever a log says: others are records. */
static void few_forms_begin_alike(void **state)
{
	static char text[FILE_MAX];
	size_t n = 0, quick = n_quick;

	(void)state;
	for (int i = 0; i < 2000; i++)
		n += (size_t)sprintf(
			text + n,
			"Mar  2 01:00:00 gw kernel: [    1.000000] TRACE: filter:a-chain-with-"
			"a-long-name-indeed:rule:%d IN=a OUT=b SRC=10.0.0.1 DST=10.0.0.2 "
			"LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=5 DF PROTO=UDP SPT=1000 DPT=80 "
			"LEN=40 \n",
			1 + i % 1000);
	check_copy(text, n);
	assert_int_equal(n_quick - quick, 2 * 256);
}

/* Otherwise the other test would prove nothing. */
static void most_hops_are_quick(void **state)
{
	(void)state;
	printf("%zu of %zu hops in known forms\n", n_quick, n_hops);
	assert_true(n_quick > n_hops / 3);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_say_the_same),
		cmocka_unit_test(foreign_lines_say_the_same),
		cmocka_unit_test(packets_say_the_same),
		cmocka_unit_test(most_hops_are_quick),
		cmocka_unit_test(framings_say_the_same),
		cmocka_unit_test(kmsg_says_the_same),
		cmocka_unit_test(few_forms_begin_alike),
	};

	n_folders = argc - 1;
	folders = argv + 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
