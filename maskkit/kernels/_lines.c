/* Colour lines of a coarse grid at the picture's size: planes of the grid, bilinear between the middles of its cells,
   are the slopes and offsets of alpha over a pixel's colour. The formulas are those of lines.py. */
#include <stdlib.h>
#include <string.h>

#include "_native.h"

enum { PART = 256, FUSED = 11, BOUND = 7 }; /* pixels at a time, whose planes stay in the first-level cache;
                                              planes of fuse and of bound */

typedef struct {
    float *row;    /* a row of the picture on the grid's columns, plane after plane, and the last column twice */
    int32_t *cell; /* of each pixel across */
    float *share;  /* how far it lies towards the next cell */
} Across;

static float place(int64_t at, int64_t cells, int64_t length, int64_t *cell) {
    double where = ((double)at + 0.5) * (double)cells / (double)length - 0.5;
    where = where < 0 ? 0 : where > (double)(cells - 1) ? (double)(cells - 1) : where;
    *cell = (int64_t)where;
    return (float)(where - (double)*cell);
}

static int open_across(const Grid *g, int64_t width, Across *a) {
    a->row = malloc((size_t)(g->planes * (g->width + 1) + 2 * width) * sizeof *a->row);
    if (!a->row) return 0;
    a->share = a->row + g->planes * (g->width + 1);
    a->cell = (int32_t *)(a->share + width);
    for (int64_t x = 0; x < width; x++) {
        int64_t cell;
        a->share[x] = place(g->left + x, g->width, g->columns, &cell);
        a->cell[x] = (int32_t)cell;
    }
    return 1;
}

/* Row y between two of the grid, on the columns that `width` pixels touch. */
INLINE void stand(const Grid *g, const Across *a, int64_t y, int64_t width) {
    int64_t cell;
    const float share = place(g->top + y, g->height, g->rows, &cell);
    const float *upper = g->field + cell * g->width * g->planes;
    const float *lower = cell + 1 < g->height ? upper + g->width * g->planes : upper;
    const int64_t first = a->cell[0], end = a->cell[width - 1] + 2;
    for (int64_t x = first; x < end; x++) {
        const int64_t at = (x < g->width ? x : g->width - 1) * g->planes;
        for (int p = 0; p < g->planes; p++)
            a->row[p * (g->width + 1) + x] = upper[at + p] + share * (lower[at + p] - upper[at + p]);
    }
}

INLINE const float *plane_at(const Grid *g, const Across *a, int p) { return a->row + p * (g->width + 1); }

/* A plane at pixels x to x + n. */
INLINE void between(const float *row, const Across *a, int64_t x, int n, float *restrict out) {
    const int32_t *cell = a->cell + x;
    const float *share = a->share + x;
    for (int i = 0; i < n; i++) out[i] = row[cell[i]] + share[i] * (row[cell[i] + 1] - row[cell[i]]);
}

/* Whether a plane has one value at pixels x to x + n. */
INLINE int is_flat(const float *row, const Across *a, int64_t x, int n, float *value) {
    *value = row[a->cell[x]];
    for (int64_t i = a->cell[x] + 1; i <= a->cell[x + n - 1] + 1; i++)
        if (row[i] != *value) return 0;
    return 1;
}

#define READ(T, TOP)                                                                                  \
    for (int i = 0; i < n; i++)                                                                       \
        for (int c = 0; c < 3; c++) out[c][i] = (float)((const T *)row)[i * channels + c] * (1 / TOP) - centre;

INLINE void read_colours(const Plane *image, int channels, int64_t y, int64_t x, int n, float centre, float (*out)[PART]) {
    const char *row = image->data + y * image->stride;
    if (image->kind == 'B') {
        row += x * channels;
        READ(uint8_t, 255.0f)
    } else if (image->kind == 'H') {
        row += 2 * x * channels;
        READ(uint16_t, 65535.0f)
    } else {
        row += 4 * x * channels;
        READ(float, 1.0f)
    }
}

INLINE float within(float value) {
    value = value > 0 ? value : 0;
    return value < 1 ? value : 1;
}

/* ---- lines: planes are three slopes and an offset ---- */

INLINE void lines_part(const Grid *g, const Across *a, const Plane *image, int64_t y, int64_t x, int n, float *out) {
    float colour[3][PART], slope[PART], value, none[3];
    int tells = 0;
    for (int c = 0; c < 3; c++) tells |= !is_flat(plane_at(g, a, c), a, x, n, none + c) || none[c] != 0;
    if (!tells && is_flat(plane_at(g, a, 3), a, x, n, &value)) {
        for (int i = 0; i < n; i++) out[i] = within(value);
        return;
    }
    between(plane_at(g, a, 3), a, x, n, out);
    if (tells) read_colours(image, 3, y, x, n, 0, colour);
    for (int c = 0; c < 3 && tells; c++) {
        between(plane_at(g, a, c), a, x, n, slope);
        for (int i = 0; i < n; i++) out[i] += slope[i] * colour[c][i];
    }
    for (int i = 0; i < n; i++) out[i] = within(out[i]);
}

/* out = clip(a . I + b) on every row of out; 0 without memory. */
CLONES int lines_rows(const Grid *g, const Plane *image, const Plane *out) {
    Across a;
    if (!open_across(g, out->width, &a)) return 0;
    for (int64_t y = 0; y < out->height; y++) {
        stand(g, &a, y, out->width);
        for (int64_t x = 0; x < out->width; x += PART) {
            const int n = (int)(out->width - x < PART ? out->width - x : PART);
            lines_part(g, &a, image, y, x, n, (float *)(out->data + y * out->stride) + x);
        }
    }
    free(a.row);
    return 1;
}

/* ---- fuse: fine lines, then twice the share of wide ones, whose fifth plane is how far they are stretched ---- */

INLINE void line_part(const Grid *g, const Across *a, int first, int64_t x, int n, float (*colour)[PART], float *out) {
    float slope[PART];
    between(plane_at(g, a, first + 3), a, x, n, out);
    for (int c = 0; c < 3; c++) {
        between(plane_at(g, a, first + c), a, x, n, slope);
        for (int i = 0; i < n; i++) out[i] += slope[i] * colour[c][i];
    }
}

INLINE void fuse_part(const Grid *g, const Across *a, const Plane *image, int64_t y, int64_t x, int n, float *out) {
    float colour[3][PART], share[PART], wide[PART], veil[PART], none;
    read_colours(image, 3, y, x, n, 0.5f, colour);
    line_part(g, a, 0, x, n, colour, out);
    if (!is_flat(plane_at(g + 1, a + 1, FUSED - 1), a + 1, x, n, &none) || none != 0) {
        between(plane_at(g + 1, a + 1, FUSED - 1), a + 1, x, n, share);
        for (int first = 0; first < FUSED - 1; first += 5) {
            line_part(g + 1, a + 1, first, x, n, colour, wide);
            between(plane_at(g + 1, a + 1, first + 4), a + 1, x, n, veil);
            for (int i = 0; i < n; i++)
                out[i] += share[i] * (within((wide[i] - veil[i]) / (1 - 2 * veil[i])) - out[i]);
        }
    }
    for (int i = 0; i < n; i++) out[i] = within(out[i]);
}

/* The fine grid and the wide one, on every row of out; 0 without memory. */
CLONES int fuse_rows(const Grid *g, const Plane *image, const Plane *out) {
    Across a[2];
    if (!open_across(g, out->width, a)) return 0;
    if (!open_across(g + 1, out->width, a + 1)) {
        free(a[0].row);
        return 0;
    }
    for (int64_t y = 0; y < out->height; y++) {
        for (int k = 0; k < 2; k++) stand(g + k, a + k, y, out->width);
        for (int64_t x = 0; x < out->width; x += PART) {
            const int n = (int)(out->width - x < PART ? out->width - x : PART);
            fuse_part(g, a, image, y, x, n, (float *)(out->data + y * out->stride) + x);
        }
    }
    free(a[0].row), free(a[1].row);
    return 1;
}

/* ---- bound: lines, the lowest and the highest alpha, and cell by cell whether it is wanted ---- */

/* The cell that a pixel lies in, of the two whose middles it lies between. */
INLINE int64_t nearer(int64_t cell, float share) { return cell + (share > 0.5f); }

INLINE void bound_part(const Grid *g, const Across *a, const Plane *image, int64_t y, int64_t x, int n, float *out) {
    float colour[3][PART], alpha[PART], low[PART], high[PART];
    int64_t cell;
    const float share = place(g->top + y, g->height, g->rows, &cell);
    const float *wanted = g->field + nearer(cell, share) * g->width * BOUND + BOUND - 1;
    const int64_t last = nearer(a->cell[x + n - 1], a->share[x + n - 1]);
    int any = 0;
    for (int64_t at = nearer(a->cell[x], a->share[x]); at <= last; at++) any |= wanted[at * BOUND] > 0;
    if (!any) return;
    read_colours(image, 3, y, x, n, 0.5f, colour);
    line_part(g, a, 0, x, n, colour, alpha);
    between(plane_at(g, a, 4), a, x, n, low);
    between(plane_at(g, a, 5), a, x, n, high);
    for (int i = 0; i < n; i++) {
        const float above = alpha[i] > low[i] ? alpha[i] : low[i];
        const float inside = within(above < high[i] ? above : high[i]);
        out[i] = wanted[nearer(a->cell[x + i], a->share[x + i]) * BOUND] > 0 ? inside : out[i];
    }
}

/* out = clip(clip(a . I + b, low, high), 0, 1) on every row of out, where it is wanted; 0 without memory. */
CLONES int bound_rows(const Grid *g, const Plane *image, const Plane *out) {
    Across a;
    if (!open_across(g, out->width, &a)) return 0;
    for (int64_t y = 0; y < out->height; y++) {
        stand(g, &a, y, out->width);
        for (int64_t x = 0; x < out->width; x += PART) {
            const int n = (int)(out->width - x < PART ? out->width - x : PART);
            bound_part(g, &a, image, y, x, n, (float *)(out->data + y * out->stride) + x);
        }
    }
    free(a.row);
    return 1;
}
