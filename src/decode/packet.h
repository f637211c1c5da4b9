/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet.h - finds the packet in a kernel text: prefix, devices, and where the body begins */
#ifndef NFHOP_DECODE_PACKET_H
#define NFHOP_DECODE_PACKET_H

#include "nfhop/decode.h"

/* struct fault - where a packet line went wrong, and what should have been there */
struct fault {
	const char *at;
	const char *expected;
};

/**
 * packet_decode - read the packet line in @text, if it holds one
 * @text: the kernel's words, without framing
 * @kernel: the framing says that they are the kernel's, so a packet's torn-off part is a fault
 * @whole: no: the input ended here, without a line end
 * @ev: kind becomes EVENT_HOP
 * Return: 0, -ENOENT if there is no packet, -EINVAL with @fault if it cannot be understood
 */
int packet_decode(struct str text, bool kernel, bool whole, struct event *ev, struct fault *fault);

/**
 * packet_prefix - what stands before a packet: a place in the tables (TRACE), or somebody's words
 * @ev: gets the kind of hop, and table, chain and number, or the prefix
 */
void packet_prefix(struct str prefix, struct event *ev);

#endif
