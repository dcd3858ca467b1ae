/* One level of multi-level foreground estimation (Germer et al. 2020), tile by tile: begin from the level of half
   the size, relax F and B by Jacobi's method. The formula, and the order of every sum, are those of
   foreground.py, so that both give the same bits. */
#include <stdlib.h>
#include <string.h>

#include "_native.h"

/* All values lie in 0-1: told so, GCC clips in two instructions instead of ten. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("finite-math-only", "no-signed-zeros")
#endif

static const float REGULARISATION = 1e-3f, GRADIENT = 0.05f;

/* A tile's side: with its surroundings, all planes of the scratch stay in the second-level cache. */
enum { SIDE = FOREGROUND_TILE, PAD = 8 };

typedef struct {
    int64_t top, bottom, left, right;
} Box;

/* A tile at work. A row of the scratch holds its planes one after the other, `pitch` floats apart, each with
   room for a repeated pixel at both ends. */
typedef struct {
    Box core, around;
    int64_t height, width, pitch;
    float *photo, *cover, *weights, *towards, *old, *fresh; /* 3, 1, 4, 2, 6 and 6 planes */
} Work;

enum { PLANES = 3 + 1 + 4 + 2 + 6 + 6 };

static inline int64_t held(int64_t y, int64_t size) { return y < 0 ? 0 : y < size ? y : size - 1; }
static inline float *plane_row(const Work *w, float *planes, int count, int64_t y, int k) {
    return planes + (y * count + k) * w->pitch + PAD;
}

static int64_t pitch_of(int64_t rounds) { return (PAD + SIDE + 2 * rounds + PAD + 15) / 16 * 16; }

static float *open_work(Work *work, int64_t rounds) {
    const int64_t pitch = pitch_of(rounds), plane = pitch * (SIDE + 2 * rounds);
    float *scratch = calloc(PLANES * plane, sizeof *scratch);
    work->pitch = pitch;
    work->photo = scratch, work->cover = scratch + 3 * plane, work->weights = scratch + 4 * plane;
    work->towards = scratch + 8 * plane, work->old = scratch + 10 * plane, work->fresh = scratch + 16 * plane;
    return scratch;
}

#define READ(T, TOP) \
    for (int64_t i = 0; i < n; i++) to[i] = (float)((const T *)from)[i * step] / TOP

/* One row of one channel as floats of 0-1. */
CLONES static void read_row(const char *from, char kind, int64_t step, float *restrict to, int64_t n) {
    if (kind == 'B')
        READ(uint8_t, 255.0f);
    else if (kind == 'H')
        READ(uint16_t, 65535.0f);
    else
        READ(float, 1.0f);
}

#define ANY_SOFT(T, TOP) \
    for (int64_t i = 0; i < n; i++) soft |= (((const T *)from)[i] > 0) & (((const T *)from)[i] < TOP)

CLONES static int any_soft(const char *from, char kind, int64_t n) {
    int soft = 0;
    if (kind == 'B')
        ANY_SOFT(uint8_t, 255);
    else if (kind == 'H')
        ANY_SOFT(uint16_t, 65535);
    else
        ANY_SOFT(float, 1.0f);
    return soft;
}

static int item_of(const Plane *plane) { return plane->kind == 'B' ? 1 : plane->kind == 'H' ? 2 : 4; }

static int is_active(const Plane *alpha, Box core) {
    for (int64_t y = core.top; y < core.bottom; y++)
        if (any_soft(alpha->data + y * alpha->stride + core.left * item_of(alpha), alpha->kind,
                     core.right - core.left))
            return 1;
    return 0;
}

static void repeat_ends(float *row, int64_t width) { row[-1] = row[0], row[width] = row[width - 1]; }

static void read_tile(const Level *level, Work *w) {
    const Plane *image = &level->image, *alpha = &level->alpha;
    const int64_t item = item_of(image);
    for (int64_t y = 0; y < w->height; y++) {
        const char *from = image->data + (w->around.top + y) * image->stride + w->around.left * item * level->channels;
        const char *cover = alpha->data + (w->around.top + y) * alpha->stride + w->around.left * item_of(alpha);
        for (int c = 0; c < 3; c++)
            read_row(from + c * item, image->kind, level->channels, plane_row(w, w->photo, 3, y, c), w->width);
        read_row(cover, alpha->kind, 1, plane_row(w, w->cover, 1, y, 0), w->width);
        repeat_ends(plane_row(w, w->cover, 1, y, 0), w->width);
    }
}

/* The four weights of each pixel over their sum, and how far F and B go towards the photo. */
CLONES static void weigh(const float *alpha, const float *above, const float *below, float *restrict weights,
                         float *restrict towards, int64_t width, int64_t pitch) {
    float *restrict w0 = weights, *restrict w1 = weights + pitch, *restrict w2 = weights + 2 * pitch;
    float *restrict w3 = weights + 3 * pitch, *restrict back = towards + pitch;
    const float *left = alpha - 1, *right = alpha + 1;
    for (int64_t x = 0; x < width; x++) {
        float a = alpha[x], rest = 1 - a;
        float c0 = a - left[x], c1 = a - right[x], c2 = a - above[x], c3 = a - below[x];
        float v0 = REGULARISATION + GRADIENT * (c0 < 0 ? -c0 : c0), v1 = REGULARISATION + GRADIENT * (c1 < 0 ? -c1 : c1);
        float v2 = REGULARISATION + GRADIENT * (c2 < 0 ? -c2 : c2), v3 = REGULARISATION + GRADIENT * (c3 < 0 ? -c3 : c3);
        float total = v0 + v1 + v2 + v3, share = 1 / total, norm = 1 / (a * a + rest * rest + total);
        w0[x] = v0 * share, w1[x] = v1 * share, w2[x] = v2 * share, w3[x] = v3 * share;
        towards[x] = a * norm, back[x] = rest * norm;
    }
}

/* Two pixels of every one; `to` has room for one more. */
CLONES static void twice(const uint16_t *restrict from, float *restrict to, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[2 * i] = to[2 * i + 1] = (float)from[i] * (1 / 65535.0f);
}

static void begin(const Level *level, Work *w) {
    const int64_t odd = w->around.left % 2, first = w->around.left / 2, n = (w->width + odd + 1) / 2;
    for (int64_t y = 0; y < w->height; y++) {
        for (int k = 0; k < 6; k++) {
            float *to = plane_row(w, w->old, 6, y, k);
            twice(level->coarse + (k * level->height + (w->around.top + y) / 2) * level->width + first, to - odd, n);
            repeat_ends(to, w->width);
        }
    }
}

/* Pixels start..stop of a row. */
CLONES static void relax_row(const float *old, float *fresh, const float *photo, const float *restrict alpha,
                             const float *weights, const float *restrict towards, int64_t up, int64_t down,
                             int64_t pitch, int64_t start, int64_t stop) {
    const float *restrict w0 = weights, *restrict w1 = weights + pitch, *restrict w2 = weights + 2 * pitch;
    const float *restrict w3 = weights + 3 * pitch, *restrict back = towards + pitch;
    for (int c = 0; c < 3; c++) {
        /* spelt out, with a pointer for every neighbour: the vectoriser needs them apart */
        const float *f = old + c * pitch, *f0 = f - 1, *f1 = f + 1, *f2 = f + up, *f3 = f + down;
        const float *b = f + 3 * pitch, *b0 = b - 1, *b1 = b + 1, *b2 = b + up, *b3 = b + down;
        const float *restrict colour = photo + c * pitch;
        float *restrict to_f = fresh + c * pitch, *restrict to_b = to_f + 3 * pitch;
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

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* F and B of the tile, in `old`. With every round what is right shrinks by a pixel, down to the core. */
static void relax_tile(const Level *level, Work *w, Box core) {
    const int64_t rounds = level->rounds, pitch = w->pitch;
    const Box around = {core.top < rounds ? 0 : core.top - rounds, least(core.bottom + rounds, level->alpha.height),
                        core.left < rounds ? 0 : core.left - rounds, least(core.right + rounds, level->alpha.width)};
    w->core = core, w->around = around;
    w->height = around.bottom - around.top, w->width = around.right - around.left;
    read_tile(level, w);
    begin(level, w);
    for (int64_t y = 0; y < w->height; y++)
        weigh(plane_row(w, w->cover, 1, y, 0), plane_row(w, w->cover, 1, held(y - 1, w->height), 0),
              plane_row(w, w->cover, 1, held(y + 1, w->height), 0), plane_row(w, w->weights, 4, y, 0),
              plane_row(w, w->towards, 2, y, 0), w->width, pitch);
    for (int64_t round = 1; round <= rounds; round++) {
        const int64_t left = around.left ? round : 0;
        const int64_t right = w->width - (around.right < level->alpha.width ? round : 0);
        const int64_t bottom = w->height - (around.bottom < level->alpha.height ? round : 0);
        for (int64_t y = around.top ? round : 0; y < bottom; y++) {
            float *fresh = plane_row(w, w->fresh, 6, y, 0);
            relax_row(plane_row(w, w->old, 6, y, 0), fresh, plane_row(w, w->photo, 3, y, 0),
                      plane_row(w, w->cover, 1, y, 0), plane_row(w, w->weights, 4, y, 0),
                      plane_row(w, w->towards, 2, y, 0), y > 0 ? -6 * pitch : 0, y + 1 < w->height ? 6 * pitch : 0,
                      pitch, left, right);
            for (int k = 0; k < 6; k++) repeat_ends(fresh + k * pitch, w->width);
        }
        float *swap = w->old;
        w->old = w->fresh, w->fresh = swap;
    }
}

static Box tile_at(const Plane *alpha, int64_t top, int64_t bottom, int64_t left) {
    return (Box){top, least(top + SIDE, bottom), left, least(left + SIDE, alpha->width)};
}

CLONES static void store_row(const float *restrict from, uint16_t *restrict to, int64_t n) {
    for (int64_t i = 0; i < n; i++) to[i] = (uint16_t)(int32_t)(from[i] * 65535.0f + 0.5f);
}

CLONES static void store_photo(const char *from, char kind, int64_t step, uint16_t *restrict f, uint16_t *restrict b,
                               int64_t n) {
    for (int64_t i = 0; i < n; i++)
        f[i] = b[i] = kind == 'B' ? (uint16_t)(((const uint8_t *)from)[i * step] * 257) : ((const uint16_t *)from)[i * step];
}

/* Rows top..bottom of `layers`, six planes of the level's size: F and B of the active tiles, elsewhere the photo. */
int relax_rows(const Level *level, uint16_t *layers, int64_t top, int64_t bottom) {
    const int64_t width = level->alpha.width, plane = level->alpha.height * width;
    const Plane *image = &level->image;
    Work work, *w = &work;
    float *scratch = open_work(w, level->rounds);
    if (!scratch) return 0;
    for (; top < bottom; top += SIDE)
        for (int64_t left = 0; left < width; left += SIDE) {
            const Box core = tile_at(&level->alpha, top, bottom, left);
            const int64_t n = core.right - core.left, active = is_active(&level->alpha, core);
            if (active) relax_tile(level, w, core);
            for (int64_t y = core.top; y < core.bottom; y++) {
                uint16_t *to = layers + y * width + left;
                const char *from = image->data + y * image->stride + left * level->channels * item_of(image);
                if (active)
                    for (int k = 0; k < 6; k++)
                        store_row(plane_row(w, w->old, 6, y - w->around.top, k) + left - w->around.left, to + k * plane, n);
                else
                    for (int c = 0; c < 3; c++)
                        store_photo(from + c * item_of(image), image->kind, level->channels, to + c * plane,
                                    to + (c + 3) * plane, n);
            }
        }
    free(scratch);
    return 1;
}

/* A pixel's channel, `amount` of the way to F. */
static inline void put(char *to, char kind, int64_t at, float photo, float found, float amount) {
    const float value = photo + amount * (found - photo);
    if (kind == 'B')
        ((uint8_t *)to)[at] = (uint8_t)(int32_t)((double)value * 255 + 0.5);
    else if (kind == 'H')
        ((uint16_t *)to)[at] = (uint16_t)(int32_t)((double)value * 65535 + 0.5);
    else
        ((float *)to)[at] = value;
}

/* Rows top..bottom of `out`, of the finest level: soft pixels go towards F, others are not written. */
int finish_rows(const Level *level, float amount, const Plane *out, int64_t top, int64_t bottom) {
    const int64_t width = level->alpha.width;
    Work work, *w = &work;
    float *scratch = open_work(w, level->rounds);
    if (!scratch) return 0;
    for (; top < bottom; top += SIDE)
        for (int64_t left = 0; left < width; left += SIDE) {
            const Box core = tile_at(&level->alpha, top, bottom, left);
            if (!is_active(&level->alpha, core)) continue;
            relax_tile(level, w, core);
            for (int64_t y = core.top; y < core.bottom; y++) {
                const int64_t row = y - w->around.top, shift = w->around.left;
                const float *cover = plane_row(w, w->cover, 1, row, 0), *photo = plane_row(w, w->photo, 3, row, 0);
                const float *found = plane_row(w, w->old, 6, row, 0);
                for (int64_t x = left; x < core.right; x++)
                    if (cover[x - shift] > 0 && cover[x - shift] < 1)
                        for (int c = 0; c < 3; c++)
                            put(out->data + y * out->stride, out->kind, x * level->channels + c,
                                photo[c * w->pitch + x - shift], found[c * w->pitch + x - shift], amount);
            }
        }
    free(scratch);
    return 1;
}
