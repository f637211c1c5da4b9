// SPDX-License-Identifier: GPL-2.0-or-later
/* proc.c - what the texts of /proc say: pure functions over them */
#include "proc.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool proc_line(struct str *text, struct str *line)
{
	const char *end;

	if (!text->n)
		return false;
	end = memchr(text->p, '\n', text->n);
	*line = str_first(*text, end ? (size_t)(end - text->p) : text->n);
	*text = str_skip(*text, line->n + 1);
	return true;
}

bool proc_word(struct str *line, struct str *word)
{
	size_t n = 0;

	*line = str_trim_left(*line);
	while (n < line->n && !is_blank(line->p[n]) && line->p[n] != '\n')
		n++;
	*word = str_first(*line, n);
	*line = str_skip(*line, n);
	return n;
}

static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

bool proc_number(struct str word, unsigned int base, uint64_t *number)
{
	uint64_t n = 0;

	for (size_t i = 0; i < word.n; i++) {
		unsigned int digit = digit_value(word.p[i]);

		if (digit >= base || n > (UINT64_MAX - digit) / base)
			return false;
		n = n * base + digit;
	}
	*number = n;
	return word.n;
}

bool proc_value(struct str text, uint64_t *number)
{
	struct str word;

	return proc_word(&text, &word) && proc_number(word, 10, number);
}

bool proc_field(struct str text, struct str name, unsigned int base, uint64_t *number)
{
	struct str line, word;

	while (proc_line(&text, &line))
		if (proc_word(&line, &word) && str_eq(word, name))
			return proc_word(&line, &word) && proc_number(word, base, number);
	return false;
}

bool proc_holds(struct str text, struct str wanted)
{
	struct str line;

	while (proc_line(&text, &line))
		if (str_eq(str_trim_right(line), wanted))
			return true;
	return false;
}

/* " 2 nf_log_ipv4 (nf_log_ipv4,nfnetlink_log)": seq_show() of net/netfilter/nf_log.c */
static bool read_logger(struct str line, struct logger *logger)
{
	struct str word;
	uint64_t family;

	if (!proc_word(&line, &word) || !proc_number(word, 10, &family) ||
	    !proc_word(&line, &logger->name))
		return false;
	logger->family = (unsigned int)family;
	logger->available = (struct str){ NULL, 0 };
	if (proc_word(&line, &word) && word.n > 2 && *word.p == '(')
		logger->available = str_first(str_skip(word, 1), word.n - 2);
	return true;
}

bool proc_logger(struct str text, unsigned int family, struct logger *logger)
{
	struct str line;

	while (proc_line(&text, &line))
		if (read_logger(line, logger) && logger->family == family)
			return true;
	return false;
}

/* group, portid, queued, copy mode, copy range, timeout, references: seq_show() of nfnetlink_log.c
 */
bool proc_nflog_group(struct str *text, struct nflog_group *group)
{
	struct str line, first, second;
	uint64_t number, portid;

	while (proc_line(text, &line)) {
		if (!proc_word(&line, &first) || !proc_number(first, 10, &number) ||
		    !proc_word(&line, &second) || !proc_number(second, 10, &portid))
			continue;
		*group = (struct nflog_group){ (unsigned int)number, (uint32_t)portid };
		return true;
	}
	return false;
}

/* sk, protocol, portid, groups, rmem, wmem, dump, locks, drops, inode: af_netlink.c */
enum { NETLINK_PROTOCOL = 1, NETLINK_PORTID = 2, NETLINK_INODE = 9, NETLINK_WORDS };

uint64_t proc_netlink_inode(struct str text, unsigned int protocol, uint32_t portid)
{
	struct str line, word;

	while (proc_line(&text, &line)) {
		uint64_t values[NETLINK_WORDS] = { 0 };
		unsigned int n = 0;

		for (; n < NETLINK_WORDS && proc_word(&line, &word); n++)
			proc_number(word, 10, &values[n]);
		if (n == NETLINK_WORDS && values[NETLINK_PROTOCOL] == protocol &&
		    values[NETLINK_PORTID] == portid)
			return values[NETLINK_INODE];
	}
	return 0;
}
