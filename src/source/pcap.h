/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcap.h - cuts an NFLOG capture, pcap or pcapng, into one record a packet */
#ifndef NFHOP_SOURCE_PCAP_H
#define NFHOP_SOURCE_PCAP_H

#include "nfhop/record.h"

#define PCAP_PACKET_MAX (1u << 20) /* bytes; libpcap itself takes at most 256 KiB */

/**
 * struct pcap_if - an interface of a capture
 * @link: link type
 * @units: of its stamps in a second; @digits of the fraction that they make
 * @offset: seconds to be added to its stamps
 */
struct pcap_if {
	unsigned int link;
	uint64_t units;
	unsigned int digits;
	int64_t offset;
};

/**
 * struct pcap - where in a capture we are; zero it, then set @source
 * @source: number handed on in each record
 * @offset: bytes used up
 * @packets: of whatever link type
 * @step: what comes next; NULL at the start
 * @skip: bytes still to be passed over
 * @big_endian: of the file, or of this section of a pcapng
 * @ifs: interfaces of this section, @n_ifs of them; a pcap has one
 * @nflog: an interface with NFLOG was there; @other: link type of the first that had none
 * @broken: nothing can be understood beyond here
 * @ended: it was said that the end is reached
 * @trouble: what is wrong with it, empty if nothing is
 */
struct pcap {
	unsigned int source;
	uint64_t offset, packets;
	int (*step)(struct pcap *pcap, struct str in, struct record *rec, size_t *used);
	uint64_t skip;
	bool big_endian;
	struct pcap_if *ifs;
	size_t n_ifs;
	bool nflog, others, broken, ended;
	unsigned int other;
	char trouble[192];
};

/* pcap_begins - do these first bytes begin a capture? @more: that cannot be seen yet */
bool pcap_begins(struct str in, bool *more);

/**
 * pcap_next - cut the next packet off the front of what was read
 * @in: @n bytes. The packet's struct record_nflog is written over the capture's own header of
 *	it, right before its bytes, so that nothing is copied
 * @last: nothing comes after them
 * @rec: filled in if the answer is 1; its data points into @in
 * @used: receives how many bytes are used up, whatever the answer
 *
 * A capture that ends or breaks in the middle of a packet gives one more record, without data
 * and not whole.
 *
 * Return: 1; 0 if @in holds no whole packet (read more and come again with what is left), or at
 * the end; -EPROTONOSUPPORT if there is no NFLOG in the capture; -EBADMSG if it is broken from
 * the beginning; -ENOMEM
 */
int pcap_next(struct pcap *pcap, char *in, size_t n, bool last, struct record *rec, size_t *used);

void pcap_finish(struct pcap *pcap);

#endif
