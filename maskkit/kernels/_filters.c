/* Masks and their surroundings: the disc of grow and shrink, the reduced picture of a large feather. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "_native.h"

/* ---- the disc ---- */

enum { TILE = 64 };

typedef struct {
    int64_t top, bottom, left, right;
} Tile;

/* Distances, in one dimension, between the pixels of a cell and those of a tile: between the nearest two,
   between the furthest two, and from the tile's worst pixel to the cell's pixel nearest to that. */
typedef struct {
    int64_t near, far, touch;
} Reach;

/* The columns of a strip of a tile that are open: what no bound settles. */
typedef struct {
    int64_t left, right;
} Open;

/* Columns whose runs are made, and the radius within which chords meet them. */
typedef struct {
    int64_t start, stop, radius;
} Runs;

static inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* From a row of runs to the next: whole TILEs, and one more that is read and never counts. */
static inline int64_t pitch(int64_t seen) { return (seen + TILE - 1) / TILE * TILE + TILE; }

static inline Reach reach(int64_t cell, int64_t side, int64_t size, int64_t start, int64_t stop) {
    int64_t first = cell * side, last = smaller(first + side, size) - 1, end = stop - 1;
    return (Reach){larger(0, larger(first - end, start - last)), larger(last - start, end - first),
                   larger(0, larger(first - start, end - last))};
}

static inline Tile overlap(Tile a, Tile b) {
    return (Tile){larger(a.top, b.top), smaller(a.bottom, b.bottom), larger(a.left, b.left), smaller(a.right, b.right)};
}

/* The part of the mask that a disc reaches from the tile, but for the corners. */
static inline Tile reached(const Disc *d, Tile t, int64_t radius) {
    return overlap((Tile){t.top - radius, t.bottom + radius, t.left - radius, t.right + radius},
                   (Tile){0, d->height, 0, d->width});
}

/* A disc's half widths by row. */
static void find_chords(Chord *chords, int64_t radius) {
    int64_t half = radius;
    for (int64_t dy = 0; dy <= radius; dy++) {
        while (half * half + dy * dy > radius * radius) half--;
        chords[dy].half = half;
    }
}

static inline uint8_t between_u8(uint8_t a, uint8_t b, uint32_t part) {
    return (uint8_t)((a * (65536 - part) + b * part + 32768) >> 16);
}
static inline uint16_t between_u16(uint16_t a, uint16_t b, uint32_t part) {
    return (uint16_t)((a * (65536 - part) + b * part + 32768) >> 16);
}
static inline float between_f32(float a, float b, uint32_t part) {
    return a + (b - a) * ((float)part / 65536);
}

#define T uint8_t
#define NAME(x) x##_u8
#define FLIP(v) ((uint8_t)(255 - (v)))
#define LEAST 0
#define MOST 255
#define REAL float
#define WHOLE int32_t
#define TRUTH int32_t
#define ROUNDED(v) ((uint8_t)(v + 0.5f))
#include "_disc.inc"
#undef REAL
#undef WHOLE
#undef TRUTH
#undef ROUNDED
#undef T
#undef NAME
#undef FLIP
#undef LEAST
#undef MOST

#define T uint16_t
#define NAME(x) x##_u16
#define FLIP(v) ((uint16_t)(65535 - (v)))
#define LEAST 0
#define MOST 65535
#define REAL double
#define WHOLE int32_t
#define TRUTH int64_t
#define ROUNDED(v) ((uint16_t)(v + 0.5))
#include "_disc.inc"
#undef REAL
#undef WHOLE
#undef TRUTH
#undef ROUNDED
#undef T
#undef NAME
#undef FLIP
#undef LEAST
#undef MOST

#define T float
#define NAME(x) x##_f32
#define FLIP(v) (-(v))
#define LEAST (-INFINITY)
#define MOST INFINITY
#define REAL float
#define WHOLE float
#define TRUTH int32_t
#define ROUNDED(v) (v)
#include "_disc.inc"

/* ---- the reduced picture ---- */

static inline int64_t held(int64_t index, int64_t size) { return index < 0 ? 0 : index < size ? index : size - 1; }

#define SUM_ROWS(T)                                                                                 \
    for (int64_t y = 0; y < factor; y++) {                                                          \
        const T *row = (const T *)(mask->data + held(square * factor + y, mask->height) * mask->stride); \
        for (int64_t x = 0; x < mask->width; x++) sums[x] += row[x];                                \
    }

/* Column sums of the rows of one row of squares; rows beyond the mask repeat its edge. Up to 2^24 float sums of
   whole numbers are exact; past that they err by less than the rounding of the result. */
CLONES static void sum_rows(const Plane *mask, int64_t square, int64_t factor, float *restrict sums) {
    memset(sums, 0, mask->width * sizeof *sums);
    if (mask->kind == 'B') {
        SUM_ROWS(uint8_t)
    } else if (mask->kind == 'H') {
        SUM_ROWS(uint16_t)
    } else {
        SUM_ROWS(float)
    }
}

/* small[i] = the mean of square (square, i - 1); one square before and those after the last repeat the edge. */
void reduce_row(const Plane *mask, int64_t square, int64_t factor, float *sums, float *small, int64_t count) {
    const int64_t width = mask->width;
    const double area = (double)factor * factor;
    sum_rows(mask, square, factor, sums);
    for (int64_t i = 0; i < count; i++) {
        int64_t start = (i - 1) * factor, stop = start + factor;
        int64_t from = start < 0 ? 0 : start, to = stop < width ? stop : width;
        double sum = 0;
        for (int64_t x = from; x < to; x++) sum += sums[x];
        if (start < 0) sum += (double)sums[0] * factor;
        if (stop > width) sum += (double)sums[width - 1] * (stop - (start > width ? start : width));
        small[i] = (float)(sum / area);
    }
}

/* A row of squares stretched to pixels: straight lines between the squares' centres. */
static void stretch(const float *small, int64_t factor, float *wide, int64_t width) {
    for (int64_t left = 0, i = 1; left < width; left += factor, i++) {
        int64_t n = width - left < factor ? width - left : factor, middle = factor / 2;
        float step_in = (small[i] - small[i - 1]) / (float)factor, step_out = (small[i + 1] - small[i]) / (float)factor;
        float first = small[i] + step_in * (0.5f - 0.5f * (float)factor);
        float second = small[i] + step_out * (0.5f - 0.5f * (float)factor);
        for (int64_t x = 0; x < n && x < middle; x++) wide[left + x] = first + step_in * (float)x;
        for (int64_t x = middle; x < n; x++) wide[left + x] = second + step_out * (float)x;
    }
}

CLONES static void mix_rows(const float *restrict a, const float *restrict b, float share, char kind, void *restrict out,
                            int64_t width) {
    if (kind == 'B')
        for (int64_t x = 0; x < width; x++)
            ((uint8_t *)out)[x] = (uint8_t)(int32_t)(a[x] + (b[x] - a[x]) * share + 0.5f);
    else if (kind == 'H')
        for (int64_t x = 0; x < width; x++)
            ((uint16_t *)out)[x] = (uint16_t)(int32_t)(a[x] + (b[x] - a[x]) * share + 0.5f);
    else
        for (int64_t x = 0; x < width; x++) ((float *)out)[x] = a[x] + (b[x] - a[x]) * share;
}

/* Rows top..bottom of the lifted picture; row r of `small` is the square above that of row r - 1 of squares.
   `wide` holds two rows. */
void lift_rows(const Plane *small, int64_t factor, const Plane *out, int64_t top, int64_t bottom, float *wide) {
    const int64_t width = out->width;
    int64_t held_row = -1;
    for (int64_t y = top; y < bottom; y++) {
        int64_t square = y / factor + 1, within = y % factor, upper = within < factor / 2 ? square - 1 : square;
        float share = ((float)within + 0.5f) / (float)factor + (within < factor / 2 ? 0.5f : -0.5f);
        if (upper != held_row) {
            float *even = wide + (upper & 1) * width, *odd = wide + (~upper & 1) * width;
            if (upper != held_row + 1 || held_row < 0)
                stretch((const float *)(small->data + upper * small->stride), factor, even, width);
            stretch((const float *)(small->data + (upper + 1) * small->stride), factor, odd, width);
            held_row = upper;
        }
        mix_rows(wide + (upper & 1) * width, wide + (~upper & 1) * width, share, out->kind,
                 out->data + y * out->stride, width);
    }
}
