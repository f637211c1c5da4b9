/* SPDX-License-Identifier: GPL-2.0-or-later */
/* part.h - where the paths of two captures part, hop by hop */
#ifndef NFHOP_QUERY_PART_H
#define NFHOP_QUERY_PART_H

#include "nfhop/model.h"

/**
 * struct parting - where two paths part
 * @hop: of each, the first hop that differs, its length if it ends there
 * @common: how many hops they share
 */
struct parting {
	size_t hop[2], common;
};

/**
 * paths_part - compare path @a of m[0] with path @b of m[1]
 * @at: filled in in any case
 * Return: do they part before both have ended?
 */
bool paths_part(const struct model *const m[2], uint32_t a, uint32_t b, struct parting *at);

#endif
