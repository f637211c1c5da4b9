/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recording.h - what live sources said, kept in a file that every command reads back */
#ifndef NFHOP_RECORDING_H
#define NFHOP_RECORDING_H

#include <stdio.h>

#include "nfhop/record.h"

#define RECORDING_MAGIC	   "nfhop recording 1\n"
#define RECORDING_DATA_MAX ((uint32_t)8 << 20) /* bytes of one record */

/**
 * recording_begin - the head: what it is, and the names of the sources
 * @names: @n of them, in the order of the records' source numbers
 * Return: 0 or -EIO
 */
int recording_begin(FILE *out, const char *const *names, size_t n);

/**
 * recording_put - one record
 * Return: 0; -EIO; -EFBIG if its data are more than RECORDING_DATA_MAX bytes (it is left out)
 */
int recording_put(FILE *out, const struct record *rec);

#endif
