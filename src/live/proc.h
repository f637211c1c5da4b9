/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proc.h - what the texts of /proc say: pure functions over them */
#ifndef NFHOP_LIVE_PROC_H
#define NFHOP_LIVE_PROC_H

#include <stdint.h>

#include "nfhop/str.h"

/* proc_line - take the next line off @text; Return: false if there is none */
bool proc_line(struct str *text, struct str *line);

/* proc_word - take the next word off @line; Return: false if there is none */
bool proc_word(struct str *line, struct str *word);

/* proc_number - all of @word as a number; Return: false if it is none */
bool proc_number(struct str word, unsigned int base, uint64_t *number);

/* proc_value - the number that a file of /proc/sys holds; Return: false if it holds none */
bool proc_value(struct str text, uint64_t *number);

/* proc_field - the number behind the line's name, as in /proc/self/status: "CapEff:\t0000" */
bool proc_field(struct str text, struct str name, unsigned int base, uint64_t *number);

/* proc_holds - is there a line of exactly these words? */
bool proc_holds(struct str text, struct str line);

/* struct logger - a line of /proc/net/netfilter/nf_log */
struct logger {
	unsigned int family;  /* NFPROTO_* */
	struct str name;      /* "nf_log_ipv4", "nfnetlink_log", "NONE" */
	struct str available; /* "nf_log_ipv4,nfnetlink_log" */
};

/* proc_logger - the logger that is bound to @family; Return: false if it is not listed */
bool proc_logger(struct str text, unsigned int family, struct logger *logger);

/* struct nflog_group - a line of /proc/net/netfilter/nfnetlink_log */
struct nflog_group {
	unsigned int group;
	uint32_t portid;
};

/* proc_nflog_group - the next group that is bound; Return: false if there is none */
bool proc_nflog_group(struct str *text, struct nflog_group *group);

/**
 * proc_netlink_inode - the inode of a netlink socket, from /proc/net/netlink
 * @protocol: NETLINK_*
 * Return: the inode, 0 if no such socket is listed
 */
uint64_t proc_netlink_inode(struct str text, unsigned int protocol, uint32_t portid);

#endif
