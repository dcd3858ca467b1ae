/* One tile of one level of multi-level foreground estimation (Germer et al. 2020): begin from the level of half
   the size, relax F and B by Jacobi's method. The formula, and the order of every sum, are those of
   foreground.py, so that both give the same bits. */
#include <stdlib.h>
#include <string.h>

#include "_native.h"

static const float REGULARISATION = 1e-3f, GRADIENT = 0.05f;

#define READ(T, TOP)                                                            \
    for (int64_t i = 0; i < n; i++) to[i] = (float)((const T *)from)[i * step] / TOP

/* One row of one channel as floats of 0-1. */
CLONES static void read_row(const char *from, char kind, int64_t step, float *to, int64_t n) {
    if (kind == 'B')
        READ(uint8_t, 255.0f);
    else if (kind == 'H')
        READ(uint16_t, 65535.0f);
    else
        READ(float, 1.0f);
}

static inline int64_t mirrored(int64_t y, int64_t size) { return y < 0 ? 0 : y < size ? y : size - 1; }

/* The four weights of each pixel over their sum, and how far F and B go towards the photo. */
CLONES static void weigh(const float *restrict alpha, const float *restrict above, const float *restrict below,
                         float *restrict weights, float *restrict towards, int64_t width, int64_t plane) {
    for (int64_t x = 0; x < width; x++) {
        float a = alpha[x], rest = 1 - a, w[4], total;
        float beside[4] = {alpha[x > 0 ? x - 1 : 0], alpha[x + 1 < width ? x + 1 : x], above[x], below[x]};
        for (int k = 0; k < 4; k++) {
            float change = a - beside[k];
            w[k] = REGULARISATION + GRADIENT * (change < 0 ? -change : change);
        }
        total = w[0] + w[1] + w[2] + w[3];
        float norm = 1 / (a * a + rest * rest + total);
        for (int k = 0; k < 4; k++) weights[k * plane + x] = w[k] / total;
        towards[x] = a * norm, towards[plane + x] = rest * norm;
    }
}

/* Pixels start..stop of a row: old and fresh are planes of `size` items, neighbours lie at the given steps. */
INLINE void relax_pixels(const float *restrict old, float *restrict fresh, const float *restrict photo,
                         const float *restrict alpha, const float *restrict weights, const float *restrict towards,
                         const int64_t steps[4], int64_t size, int64_t start, int64_t stop) {
    for (int c = 0; c < 3; c++) {
        const float *restrict f = old + c * size, *restrict b = old + (c + 3) * size;
        /* spelt out, with a pointer for every neighbour: the vectoriser needs them apart */
        const float *f0 = f + steps[0], *f1 = f + steps[1], *f2 = f + steps[2], *f3 = f + steps[3];
        const float *b0 = b + steps[0], *b1 = b + steps[1], *b2 = b + steps[2], *b3 = b + steps[3];
        const float *w0 = weights, *w1 = weights + size, *w2 = weights + 2 * size, *w3 = weights + 3 * size;
        const float *restrict colour = photo + c * size, *restrict back = towards + size;
        float *restrict to_f = fresh + c * size, *restrict to_b = fresh + (c + 3) * size;
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep /* old and fresh are different planes; there are too many pointers for it to check */
#endif
        for (int64_t x = start; x < stop; x++) {
            float mean_f = w0[x] * f0[x] + w1[x] * f1[x] + w2[x] * f2[x] + w3[x] * f3[x];
            float mean_b = w0[x] * b0[x] + w1[x] * b1[x] + w2[x] * b2[x] + w3[x] * b3[x];
            float residual = colour[x] - alpha[x] * mean_f - (1 - alpha[x]) * mean_b;
            float new_f = mean_f + towards[x] * residual, new_b = mean_b + back[x] * residual;
            new_f = new_f > 0 ? new_f : 0, new_b = new_b > 0 ? new_b : 0;
            to_f[x] = new_f < 1 ? new_f : 1;
            to_b[x] = new_b < 1 ? new_b : 1;
        }
    }
}

CLONES static void relax_row(const float *old, float *fresh, const float *photo, const float *alpha,
                             const float *weights, const float *towards, int64_t up, int64_t down, int64_t size,
                             int64_t width) {
    const int64_t first[4] = {0, width > 1, up, down}, middle[4] = {-1, 1, up, down}, last[4] = {-1, 0, up, down};
    relax_pixels(old, fresh, photo, alpha, weights, towards, first, size, 0, 1);
    relax_pixels(old, fresh, photo, alpha, weights, towards, middle, size, 1, width - 1);
    if (width > 1) relax_pixels(old, fresh, photo, alpha, weights, towards, last, size, width - 1, width);
}

/* `layers` gets F and B, six planes of the tile's size; returns 0 where there was no memory. */
int relax_tile(const Level *level, const Plane *image, const Plane *alpha, float *layers) {
    const int64_t height = alpha->height, width = alpha->width, size = height * width;
    float *scratch = malloc(16 * size * sizeof *scratch);
    if (!scratch) return 0;
    float *photo = scratch, *cover = photo + 3 * size, *weights = cover + size, *towards = weights + 4 * size;
    float *old = towards + 2 * size, *fresh = layers;
    const int64_t item = image->kind == 'B' ? 1 : image->kind == 'H' ? 2 : 4;
    for (int64_t y = 0; y < height; y++) {
        for (int c = 0; c < 3; c++)
            read_row(image->data + y * image->stride + c * item, image->kind, level->channels,
                     photo + c * size + y * width, width);
        read_row(alpha->data + y * alpha->stride, alpha->kind, 1, cover + y * width, width);
    }
    for (int64_t y = 0; y < height; y++)
        weigh(cover + y * width, cover + mirrored(y - 1, height) * width, cover + mirrored(y + 1, height) * width,
              weights + y * width, towards + y * width, width, size);
    if (level->rounds % 2 == 0) fresh = old, old = layers; /* the last round writes to layers */
    for (int k = 0; k < 6; k++)
        for (int64_t y = 0; y < height; y++) {
            const float *from = level->coarse + (k * level->height + (level->top + y) / 2) * level->width;
            for (int64_t x = 0; x < width; x++) old[k * size + y * width + x] = from[(level->left + x) / 2];
        }
    for (int64_t round = 0; round < level->rounds; round++) {
        for (int64_t y = 0; y < height; y++) {
            const int64_t at = y * width;
            relax_row(old + at, fresh + at, photo + at, cover + at, weights + at, towards + at,
                      y > 0 ? -width : 0, y + 1 < height ? width : 0, size, width);
        }
        float *swap = old;
        old = fresh, fresh = swap;
    }
    free(scratch);
    return 1;
}
