// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot.c - the rule sets that are loaded, as the programs that manage them print them
 *
 * nf_tables is asked through libnftables, whose text is what an administrator knows. Legacy
 * iptables has no library for that: its own save commands are run if the kernel has such tables
 * (/proc/net/ip_tables_names), and iptables-nft-save for tables that nft prints imperfectly.
 */
#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "elements.h"

#define COMMAND_MS 5000

extern char **environ;

bool snapshot_is_nfhop(struct str table)
{
	struct str number = str_skip(table, 6);

	if (!str_starts(table, STR("nfhop-")) || !number.n)
		return false;
	for (size_t i = 0; i < number.n; i++)
		if (number.p[i] < '0' || number.p[i] > '9')
			return false;
	return true;
}

static void put_part(FILE *out, const char *name, const char *text, size_t n)
{
	fprintf(out, "%s\n%zu\n", name, n);
	fwrite(text, 1, n, out);
}

/* What a rule of ours says beyond the filter and the trace is of no use to a reader. */
static void put_short(FILE *out, struct str line)
{
	size_t to = str_find(line, STR("meta nftrace set 1"));
	size_t at = to < line.n ? str_find(line, STR("counter name ")) : line.n;

	fwrite(line.p, 1, at, out);
	line = str_skip(line, at < line.n ? to : line.n);
	fwrite(line.p, 1, line.n, out);
}

enum whose { USERS, OURS, ANOTHERS }; /* ANOTHERS: of another nfhop program */

/* whose_table - Return: whose the table is that begins with @line; @name: what it is called */
static enum whose whose_table(struct str line, const char *own, struct str *name)
{
	struct str rest = str_skip(line, strlen("table inet "));

	*name = str_first(rest, str_find(rest, STR(" ")));
	if (!str_starts(line, STR("table inet ")) || !snapshot_is_nfhop(*name))
		return USERS;
	return own && str_eq(*name, str_from(own)) ? OURS : ANOTHERS;
}

/**
 * struct listing - what nft lists, line by line
 * @elements: NULL if none are wanted
 * @set: in which the line is, if @in_set; @fleeting: its elements come and go
 */
struct listing {
	FILE *out;
	const char *own;
	struct elements *elements;
	enum whose whose;
	struct set_name set;
	bool in_set, fleeting;
};

/* Our own table's name has a process number in it, which says nothing to a reader. */
static void put_line(struct listing *l, struct str line)
{
	struct str name;

	if (str_starts(line, STR("table ")))
		l->whose = whose_table(line, l->own, &name);
	if (l->whose == OURS && str_starts(line, STR("table "))) {
		fputs("table inet nfhop", l->out);
		line = str_skip(line, (size_t)(name.p + name.n - line.p));
	}
	if (l->whose == OURS)
		put_short(l->out, line);
	else if (l->whose == USERS)
		fwrite(line.p, 1, line.n, l->out);
}

/* Take the next word off @line; Return: false if there is none, or it is too long for @to */
static bool take_word(struct str *line, char *to, size_t size)
{
	size_t n = str_find(*line, STR(" "));

	if (!n || n == line->n || n >= size)
		return false;
	memcpy(to, line->p, n);
	to[n] = '\0';
	*line = str_skip(*line, n + 1);
	return true;
}

/* Elements stand in front of the last line of a set; of which set, the lines before it tell. */
static void put_elements(struct listing *l, struct str line)
{
	struct set_name *set = &l->set;

	if (str_starts(line, STR("table "))) {
		line = str_skip(line, strlen("table "));
		if (!take_word(&line, set->family, sizeof(set->family)) ||
		    !take_word(&line, set->table, sizeof(set->table)))
			*set->table = '\0';
	} else if (str_starts(line, STR("\tset ")) || str_starts(line, STR("\tmap "))) {
		line = str_skip(line, 1);
		l->fleeting = false;
		l->in_set = take_word(&line, set->kind, sizeof(set->kind)) &&
			    take_word(&line, set->name, sizeof(set->name));
	} else if (str_starts(line, STR("\t\tflags "))) {
		l->fleeting |= str_has(line, STR("dynamic")) || str_has(line, STR("timeout"));
	} else if (str_eq(line, STR("\t}\n"))) {
		if (l->in_set && !l->fleeting && l->whose == USERS)
			elements_put(l->elements, l->out, set);
		l->in_set = false;
	}
}

static int put_nft(FILE *out, const char *text, const char *own, struct elements *elements)
{
	char *buf = NULL;
	size_t size = 0;
	FILE *clean = open_memstream(&buf, &size);
	struct listing listing = { .out = clean, .own = own, .elements = elements };

	if (!clean)
		return -ENOMEM;
	while (*text) {
		size_t n = strcspn(text, "\n");

		n += text[n] == '\n';
		if (elements)
			put_elements(&listing, (struct str){ text, n });
		put_line(&listing, (struct str){ text, n });
		text += n;
	}
	if (!fclose(clean))
		put_part(out, "nft -a list ruleset", buf, size);
	free(buf);
	return 0;
}

/* list_nft - Return: 0 or -errno; @iptables: some of the tables are iptables-nft's */
static int list_nft(FILE *out, const char *own, bool with_elements, bool *iptables)
{
	struct elements elements;
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	const char *text, *words;
	int ret = -EIO;

	if (!nft)
		return -ENOMEM;
	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_STATELESS |
					      NFT_CTX_OUTPUT_TERSE);
	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
	elements_open(&elements);
	if (!nft_run_cmd_from_buffer(nft, "list ruleset")) {
		text = nft_ctx_get_output_buffer(nft);
		words = nft_ctx_get_error_buffer(nft);
		*iptables = strstr(words, "iptables-nft") || strstr(text, "xt match") ||
			    strstr(text, "xt target");
		ret = put_nft(out, text, own, with_elements ? &elements : NULL);
	}
	elements_close(&elements);
	nft_ctx_free(nft);
	return ret;
}

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* drain - all that comes out of @fd within the time a command has; Return: did it end? */
static bool drain(int fd, FILE *to)
{
	int64_t until = milliseconds() + COMMAND_MS;
	char buf[16384];

	for (;;) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int64_t left = until - milliseconds();
		ssize_t n;

		if (left <= 0 || (poll(&poll_fd, 1, (int)left) < 0 && errno != EINTR))
			return false;
		n = poll_fd.revents ? read(fd, buf, sizeof(buf)) : -1;
		if (!n)
			return true;
		if (n > 0)
			fwrite(buf, 1, (size_t)n, to);
	}
}

static int spawn(const char *program, int out, pid_t *child)
{
	char *words[] = { (char *)(uintptr_t)program, NULL };
	posix_spawn_file_actions_t actions;
	int ret;

	ret = posix_spawn_file_actions_init(&actions);
	if (ret)
		return -ret;
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	ret = posix_spawnp(child, program, &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -ret;
}

/* the_same_later - as much of a line as does not change while the rules are the same */
static struct str the_same_later(struct str line)
{
	if (str_starts(line,
		       STR("#"))) /* "# Generated by iptables-save v1.8.9 on Wed Nov 25 ..." */
		return str_first(line, str_find(line, STR(" on ")));
	if (str_starts(line, STR(":"))) /* ":INPUT ACCEPT [12:3456]" */
		return str_first(line, str_find(line, STR(" [")));
	return line;
}

void snapshot_put_saved(FILE *out, struct str text)
{
	while (text.n) {
		size_t n = str_find(text, STR("\n"));
		struct str line = str_first(text, n), part = the_same_later(line);

		fwrite(part.p, 1, part.n, out);
		fputs(part.n < line.n && *line.p == ':' ? " [0:0]\n" : "\n", out);
		text = str_skip(text, n + 1);
	}
}

static void put_saved(FILE *out, const char *program, struct str text)
{
	char *buf = NULL;
	size_t size = 0;
	FILE *steady = open_memstream(&buf, &size);

	if (!steady)
		return;
	snapshot_put_saved(steady, text);
	if (!fclose(steady))
		put_part(out, program, buf, size);
	free(buf);
}

/* run - what @program prints, as a part; nothing if it cannot be run or fails */
static void run(FILE *out, const char *program)
{
	char *buf = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&buf, &size);
	int ends[2], status = -1;
	bool ended = false;
	pid_t child = 0;

	if (!to)
		return;
	if (!pipe2(ends, O_CLOEXEC)) {
		if (!spawn(program, ends[1], &child)) {
			close(ends[1]);
			ends[1] = -1;
			ended = drain(ends[0], to);
			if (!ended)
				kill(child, SIGKILL);
			while (waitpid(child, &status, 0) < 0 && errno == EINTR)
				;
		}
		close(ends[0]);
		if (ends[1] >= 0)
			close(ends[1]);
	}
	if (!fclose(to) && ended && !status && size)
		put_saved(out, program, (struct str){ buf, size });
	free(buf);
}

static bool has_content(const char *path)
{
	FILE *f = fopen(path, "re");
	bool any = f && fgetc(f) != EOF;

	if (f)
		fclose(f);
	return any;
}

/* What is run, and what shows that it is needed. */
static const struct command {
	const char *program, *proc;
} commands[] = {
	{ "iptables-legacy-save", "/proc/net/ip_tables_names" },
	{ "ip6tables-legacy-save", "/proc/net/ip6_tables_names" },
	{ "iptables-nft-save", NULL },
	{ "ip6tables-nft-save", NULL },
};

int snapshot_take(const char *own_table, bool elements, struct str *text)
{
	char *buf = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&buf, &size);
	bool iptables = false;
	int ret;

	if (!out)
		return -ENOMEM;
	ret = list_nft(out, own_table, elements, &iptables);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (commands[i].proc ? has_content(commands[i].proc) : iptables)
			run(out, commands[i].program);
	if (fclose(out))
		ret = -ENOMEM;
	if (ret < 0) {
		free(buf);
		return ret;
	}
	*text = (struct str){ buf, size };
	return 0;
}
