/* What the kernel files share. None of them but _native.c knows Python; they get pointers that _native.c
   has checked, one row at a time or a whole band. */
#ifndef MASKKIT_NATIVE_H
#define MASKKIT_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "pixels are read as little-endian words; the NumPy path serves this machine"
#endif

/* One object file holds a version of each hot function for every level of x86-64, and the loader picks.
   Sanitizers run before the loader's choice can, so their builds are plain. */
#if defined(__has_attribute)
#if __has_attribute(target_clones) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(MASKKIT_PLAIN)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define HAS_CLONES 1
#endif
#endif
#ifndef CLONES
#define CLONES
#define HAS_CLONES 0
#endif

/* Helpers must melt into each version of their caller, or they would stay at the baseline's level. */
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

enum { PIECE = 1024 }; /* pixels whose scratch stays in the first-level cache */

/* _compose.c; `mask` may be NULL, channels are 3 or 4, `out` has the backdrop's. The opacity is the fraction
   part / whole, 0 < part <= whole <= 65536; at 16 bits it must be 1 / 1. */
typedef struct {
    const void *source, *backdrop, *mask;
    void *out;
    int source_channels, backdrop_channels;
    uint32_t part, whole;
} OverRow;

void over_row_u8(const OverRow *row, size_t width);
void over_row_u16(const OverRow *row, size_t width);
void apply_row_u8(const void *image, int channels, const void *mask, int replace, void *out, size_t width);
void apply_row_u16(const void *image, int channels, const void *mask, int replace, void *out, size_t width);
void premultiply_row_u8(const void *image, void *out, size_t width);
void premultiply_row_u16(const void *image, void *out, size_t width);
void unpremultiply_row_u8(const void *image, void *out, size_t width);
void unpremultiply_row_u16(const void *image, void *out, size_t width);

#endif
