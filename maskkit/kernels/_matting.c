/* The matting Laplacian (Levin et al. 2008) on square tiles of pixels: its stencil, a step of relaxation, and its
   projection onto smooth fields of colour lines, whose nodes are the tiles' corners. The formulas are those of
   laplacian.py. */
#include <math.h>
#include <string.h>

#include "_native.h"

enum {
    SIDE = MATTING_TILE,
    PIXELS = SIDE * SIDE,
    STEPS = MATTING_STEPS, /* a pixel and those within two of it */
    AROUND = SIDE + 4,     /* a tile and what its pixels are coupled to */
    WINDOWS = SIDE + 2,    /* across: those that hold a pixel of the tile */
    FACTORS = 6,           /* l10, l20, l21, and the square roots of 1 / d */
};

/* ---- the stencil ---- */

typedef struct {
    float colour[3][AROUND][AROUND];
    float centred[9][3][WINDOWS];       /* of a row of windows: nine times the colour less its window's sum */
    float factors[FACTORS][WINDOWS];
    float valid[WINDOWS];               /* 1 for a window within the picture, else 0 */
    float lines[9][3][WINDOWS];         /* D^-1/2 L^-1 of the centred colours */
    float sums[STEPS][AROUND][AROUND];
} Tile;

static float channel_at(const Plane *image, int64_t y, int64_t item) {
    const char *row = image->data + y * image->stride;
    if (image->kind == 'B') return ((const uint8_t *)row)[item];
    if (image->kind == 'H') return ((const uint16_t *)row)[item];
    return ((const float *)row)[item];
}

static void read_colours(const Plane *image, int channels, int64_t top, int64_t left, Tile *t) {
    memset(t->colour, 0, sizeof t->colour);
    for (int64_t y = 0; y < AROUND; y++)
        for (int64_t x = 0; x < AROUND; x++) {
            const int64_t row = top - 2 + y, column = left - 2 + x;
            if (row < 0 || column < 0 || row >= image->height || column >= image->width) continue;
            for (int c = 0; c < 3; c++) t->colour[c][y][x] = channel_at(image, row, column * channels + c);
        }
}

/* Whole numbers stay whole: 9 I - sum I is exact for bytes, so that flat windows have no rounding in them. */
INLINE void centre(Tile *t, int row) {
    for (int c = 0; c < 3; c++) {
        float sum[WINDOWS] = {0};
        for (int i = 0; i < 9; i++)
            for (int x = 0; x < WINDOWS; x++) sum[x] += t->colour[c][row + i / 3][x + i % 3];
        for (int i = 0; i < 9; i++)
            for (int x = 0; x < WINDOWS; x++)
                t->centred[i][c][x] = 9 * t->colour[c][row + i / 3][x + i % 3] - sum[x];
    }
}

/* L D L^T of the windows' scatter + eps, in double: eps is 1e-7 of what it is added to. */
INLINE void factor(Tile *t, double eps) {
    double s[6][WINDOWS];
    for (int k = 0; k < 6; k++) {
        const int a = k < 3 ? 0 : k < 5 ? 1 : 2, b = k < 3 ? k : k < 5 ? k - 2 : 2;
        for (int x = 0; x < WINDOWS; x++) s[k][x] = a == b ? eps : 0;
        for (int i = 0; i < 9; i++)
            for (int x = 0; x < WINDOWS; x++) s[k][x] += (double)t->centred[i][a][x] * t->centred[i][b][x];
    }
    for (int x = 0; x < WINDOWS; x++) {
        const double l10 = s[1][x] / s[0][x], l20 = s[2][x] / s[0][x];
        const double d1 = fmax(s[3][x] - l10 * s[1][x], eps), rest = s[4][x] - l20 * s[1][x], l21 = rest / d1;
        const double d2 = fmax(s[5][x] - l20 * s[2][x] - l21 * rest, eps);
        t->factors[0][x] = (float)l10, t->factors[1][x] = (float)l20, t->factors[2][x] = (float)l21;
        t->factors[3][x] = (float)(1 / sqrt(s[0][x]));
        t->factors[4][x] = (float)(1 / sqrt(d1)), t->factors[5][x] = (float)(1 / sqrt(d2));
    }
}

INLINE void whiten(Tile *t) {
    for (int i = 0; i < 9; i++)
        for (int x = 0; x < WINDOWS; x++) {
            const float y0 = t->centred[i][0][x], y1 = t->centred[i][1][x] - t->factors[0][x] * y0;
            const float y2 = t->centred[i][2][x] - t->factors[1][x] * y0 - t->factors[2][x] * y1;
            t->lines[i][0][x] = y0 * t->factors[3][x] * t->valid[x];
            t->lines[i][1][x] = y1 * t->factors[4][x] * t->valid[x];
            t->lines[i][2][x] = y2 * t->factors[5][x] * t->valid[x];
        }
}

/* -(1/9 + y_i . y_j) onto the step from i to j and the one back, for every pair of a row of windows. */
INLINE void couple(Tile *t, int row) {
    for (int i = 0; i < 9; i++)
        for (int j = i + 1; j < 9; j++) {
            const int step = (j / 3 - i / 3 + 2) * 5 + j % 3 - i % 3 + 2;
            float *there = &t->sums[step][row + i / 3][i % 3];
            float *back = &t->sums[STEPS - 1 - step][row + j / 3][j % 3];
            float pair[WINDOWS];
            for (int x = 0; x < WINDOWS; x++)
                pair[x] = t->valid[x] * (1 / 9.0f) + t->lines[i][0][x] * t->lines[j][0][x] +
                          t->lines[i][1][x] * t->lines[j][1][x] + t->lines[i][2][x] * t->lines[j][2][x];
            for (int x = 0; x < WINDOWS; x++) there[x] -= pair[x];
            for (int x = 0; x < WINDOWS; x++) back[x] -= pair[x];
        }
}

/* Rows of L sum to zero, and are made to: what rounding leaves would pull alpha towards 0. */
static void store_stencil(const Tile *t, float *stencil) {
    float diagonal[PIXELS] = {0};
    for (int k = 0; k < STEPS; k++) {
        float *to = stencil + k * PIXELS;
        if (k == STEPS / 2) continue;
        for (int i = 0; i < PIXELS; i++) {
            to[i] = t->sums[k][i / SIDE + 2][i % SIDE + 2];
            diagonal[i] -= to[i];
        }
    }
    memcpy(stencil + STEPS / 2 * PIXELS, diagonal, sizeof diagonal);
}

/* The rows of L of the tiles first..last, (25, 8, 8) each; `corners` are their (row, column) in tiles. */
CLONES void matting_stencil(const Plane *image, int channels, const int32_t *corners, double eps, float *stencil,
                            int64_t first, int64_t last) {
    const double top = image->kind == 'B' ? 255 : image->kind == 'H' ? 65535 : 1;
    Tile tile, *t = &tile;
    for (int64_t n = first; n < last; n++) {
        const int64_t y = (int64_t)corners[2 * n] * SIDE, x = (int64_t)corners[2 * n + 1] * SIDE;
        read_colours(image, channels, y, x, t);
        memset(t->sums, 0, sizeof t->sums);
        for (int row = 0; row < WINDOWS; row++) {
            const int64_t down = y - 1 + row;
            if (down < 1 || down >= image->height - 1) continue;
            for (int i = 0; i < WINDOWS; i++) t->valid[i] = x - 1 + i >= 1 && x - 1 + i < image->width - 1;
            centre(t, row);
            factor(t, 9 * eps * (9 * top) * (9 * top));
            whiten(t);
            couple(t, row);
        }
        store_stencil(t, stencil + n * STEPS * PIXELS);
    }
}

/* ---- a step ---- */

/* The tile of a field and two pixels around it. */
INLINE void read_around(const float *field, int64_t pitch, const int32_t *near, float (*patch)[AROUND]) {
    for (int k = 0; k < 9; k++) {
        const float *from = field + near[k] * pitch;
        const int top = k / 3 == 0 ? 0 : k / 3 == 1 ? 2 : AROUND - 2, rows = k / 3 == 1 ? SIDE : 2;
        const int left = k % 3 == 0 ? 0 : k % 3 == 1 ? 2 : AROUND - 2, columns = k % 3 == 1 ? SIDE : 2;
        const int y0 = k / 3 == 0 ? SIDE - 2 : 0, x0 = k % 3 == 0 ? SIDE - 2 : 0;
        for (int y = 0; y < rows; y++)
            memcpy(&patch[top + y][left], from + (y0 + y) * SIDE + x0, columns * sizeof(float));
    }
}

/* out = keep v + share (right - A v) on the tiles first..last; `right` may be NULL for 0. */
CLONES void matting_step(const Step *s, int64_t first, int64_t last) {
    float patch[AROUND][AROUND];
    for (int64_t n = first; n < last; n++) {
        const float *stencil = s->stencil + n * STEPS * PIXELS, *share = s->share + n * PIXELS;
        float *out = s->out + n * PIXELS;
        read_around(s->field, PIXELS, s->near + 9 * n, patch);
        for (int y = 0; y < SIDE; y++) {
            float sum[SIDE] = {0};
            if (s->right) memcpy(sum, s->right + n * PIXELS + y * SIDE, sizeof sum);
            for (int dy = 0; dy < 5; dy++)
                for (int dx = 0; dx < 5; dx++)
                    for (int x = 0; x < SIDE; x++)
                        sum[x] -= stencil[(dy * 5 + dx) * PIXELS + y * SIDE + x] * patch[y + dy][x + dx];
            for (int x = 0; x < SIDE; x++)
                out[y * SIDE + x] = share[y * SIDE + x] * sum[x] + (s->keep ? patch[y + 2][x + 2] : 0);
        }
    }
}

/* ---- colour lines ---- */

/* A P: what the lines of the 16 nodes around do at a pixel of the tile, (16, 4). */
INLINE void lines_at(const float *stencil, float (*basis)[AROUND][AROUND], int y, int x, float *out) {
    memset(out, 0, 64 * sizeof *out);
    for (int k = 0; k < STEPS; k++) {
        const float weight = stencil[k * PIXELS + y * SIDE + x];
        const int down = y + k / 5, across = x + k % 5; /* in the patch; nodes lie at the tiles' corners */
        const int ny = (down + SIDE - 2) / SIDE, nx = (across + SIDE - 2) / SIDE;
        const float fy = (down + SIDE - 1.5f) / SIDE - ny, fx = (across + SIDE - 1.5f) / SIDE - nx;
        float *to = out + (ny * 4 + nx) * 4;
        const float w[4] = {weight * (1 - fy) * (1 - fx), weight * (1 - fy) * fx, weight * fy * (1 - fx), weight * fy * fx};
        for (int c = 0; c < 4; c++) {
            const float value = basis[c][down][across];
            to[c] += w[0] * value, to[4 + c] += w[1] * value;
            to[16 + c] += w[2] * value, to[20 + c] += w[3] * value;
        }
    }
}

/* P^T A P of the tiles first..last, (4 corners, 4, 16 nodes, 4) each; `basis` has four planes a tile. */
CLONES void matting_project(const float *stencil, const int32_t *near, const float *basis, float *blocks,
                            int64_t first, int64_t last) {
    float patch[4][AROUND][AROUND], row[64];
    for (int64_t n = first; n < last; n++) {
        float *block = blocks + n * 1024;
        memset(block, 0, 1024 * sizeof *block);
        for (int c = 0; c < 4; c++) read_around(basis + c * PIXELS, 4 * PIXELS, near + 9 * n, patch[c]);
        for (int i = 0; i < PIXELS; i++) {
            const int y = i / SIDE, x = i % SIDE;
            if (patch[0][y + 2][x + 2] == 0) continue;
            lines_at(stencil + n * STEPS * PIXELS, patch, y, x, row);
            for (int k = 0; k < 16; k++) {
                const float fy = (y + 0.5f) / SIDE, fx = (x + 0.5f) / SIDE;
                const float weight = (k / 8 ? fy : 1 - fy) * (k / 4 % 2 ? fx : 1 - fx) * patch[k % 4][y + 2][x + 2];
                float *to = block + k * 64;
                for (int j = 0; j < 64; j++) to[j] += weight * row[j];
            }
        }
    }
}

/* What a node at the corner k of a square weighs at its pixel. */
INLINE float hat(int k, int y, int x) {
    const float fy = (y + 0.5f) / SIDE, fx = (x + 0.5f) / SIDE;
    return (k / 2 ? fy : 1 - fy) * (k % 2 ? fx : 1 - fx);
}

/* P^T field of the tiles first..last, (4 corners, 4) each. */
CLONES void matting_collect(const float *basis, const float *field, float *parts, int64_t first, int64_t last) {
    for (int64_t n = first; n < last; n++)
        for (int c = 0; c < 4; c++) {
            float sums[4][SIDE] = {{0}};
            for (int y = 0; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++) {
                    const int64_t at = y * SIDE + x;
                    const float value = basis[(n * 4 + c) * PIXELS + at] * field[n * PIXELS + at];
                    for (int k = 0; k < 4; k++) sums[k][x] += hat(k, y, x) * value;
                }
            for (int k = 0; k < 4; k++) {
                float sum = 0;
                for (int x = 0; x < SIDE; x++) sum += sums[k][x];
                parts[n * 16 + k * 4 + c] = sum;
            }
        }
}

/* P parts, the other way. */
CLONES void matting_spread(const float *basis, const float *parts, float *field, int64_t first, int64_t last) {
    for (int64_t n = first; n < last; n++) {
        float *out = field + n * PIXELS;
        memset(out, 0, PIXELS * sizeof *out);
        for (int c = 0; c < 4; c++)
            for (int y = 0; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++) {
                    float value = 0;
                    for (int k = 0; k < 4; k++) value += hat(k, y, x) * parts[n * 16 + k * 4 + c];
                    out[y * SIDE + x] += basis[(n * 4 + c) * PIXELS + y * SIDE + x] * value;
                }
    }
}

/* The grid of every other node: R M R^T, where a node between two belongs to each by half. */
typedef struct {
    int64_t node;
    float weight;
} Share;

INLINE int shares(int64_t node, Share *to) {
    to[0] = (Share){node / 2, node % 2 ? 0.5f : 1};
    to[1] = (Share){node / 2 + 1, 0.5f};
    return node % 2 ? 2 : 1;
}

/* What the node (y, x) adds to the coarser rows of (down, across). */
INLINE void add_row(const float *matrix, const int64_t *size, const int64_t *at, Share down, Share across, float *row) {
    const float weight = down.weight * across.weight;
    for (int k = 0; k < STEPS; k++, matrix += 16) {
        const int64_t y = at[0] + k / 5 - 2, x = at[1] + k % 5 - 2;
        if (y < 0 || x < 0 || y >= size[0] || x >= size[1]) continue;
        Share ys[2], xs[2];
        const int rows = shares(y, ys), columns = shares(x, xs);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) {
                float *to = row + ((ys[i].node - down.node + 2) * 5 + xs[j].node - across.node + 2) * 16;
                const float part = weight * ys[i].weight * xs[j].weight;
                for (int n = 0; n < 16; n++) to[n] += part * matrix[n];
            }
    }
}

/* matrix is (height, width, 25, 4, 4), out that of height / 2 + 1, width / 2 + 1; all 0 before. */
CLONES void matting_coarser(const float *matrix, int64_t height, int64_t width, float *out) {
    const int64_t across = width / 2 + 1, size[2] = {height, width};
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++, matrix += STEPS * 16) {
            Share ys[2], xs[2];
            const int rows = shares(y, ys), columns = shares(x, xs);
            const int64_t at[2] = {y, x};
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++)
                    add_row(matrix, size, at, ys[i], xs[j], out + (ys[i].node * across + xs[j].node) * STEPS * 16);
        }
}

/* right - M x at a node, where M has a 4x4 block for each of the 25 nodes around. */
INLINE void node_rest(const Nodes *g, int64_t y, int64_t x, float *rest) {
    memcpy(rest, g->right + (y * g->width + x) * 4, 4 * sizeof *rest);
    const float *matrix = g->matrix + (y * g->width + x) * STEPS * 16;
    for (int64_t dy = -2; dy <= 2; dy++)
        for (int64_t dx = -2; dx <= 2; dx++, matrix += 16) {
            if (y + dy < 0 || y + dy >= g->height || x + dx < 0 || x + dx >= g->width) continue;
            const float *field = g->field + ((y + dy) * g->width + x + dx) * 4;
            for (int i = 0; i < 4; i++)
                rest[i] -= matrix[4 * i] * field[0] + matrix[4 * i + 1] * field[1] + matrix[4 * i + 2] * field[2] +
                           matrix[4 * i + 3] * field[3];
        }
}

/* Gauss and Seidel's sweep over all nodes, onwards or backwards; with `out` the rest instead. */
CLONES void matting_nodes(const Nodes *g, int backwards) {
    const int64_t count = g->height * g->width;
    for (int64_t k = 0; k < count; k++) {
        const int64_t n = backwards ? count - 1 - k : k;
        const float *inverse = g->inverse + n * 16;
        float rest[4];
        if (g->out) memset(g->out + n * 4, 0, 4 * sizeof(float));
        if (inverse[0] == 0) continue; /* no unknown pixel near */
        node_rest(g, n / g->width, n % g->width, rest);
        if (g->out) {
            memcpy(g->out + n * 4, rest, sizeof rest);
            continue;
        }
        for (int i = 0; i < 4; i++)
            g->field[n * 4 + i] += inverse[4 * i] * rest[0] + inverse[4 * i + 1] * rest[1] +
                                   inverse[4 * i + 2] * rest[2] + inverse[4 * i + 3] * rest[3];
    }
}

/* ---- colour sampling ---- */

enum { WAYS = 8 };

/* What lies in four of the eight directions from each pixel of a row: the nearest known pixel of a side, or -1. */
typedef struct {
    int32_t *rows[2][3]; /* of a side; those whose way leads from the row before, straight, onwards and backwards */
    int32_t along[2];
} Seen;

/* One row of one pass, onwards (`turn` 1) or backwards (-1): found[x][side][4], sides as in `known` less 1. */
INLINE void look_along(const Sampling *s, Seen *seen, int64_t y, int turn, int32_t *found) {
    seen->along[0] = seen->along[1] = -1;
    for (int64_t i = 0; i < s->width; i++) {
        const int64_t x = turn > 0 ? i : s->width - 1 - i, at = y * s->width + x;
        for (int side = 0; side < 2; side++) {
            if (s->known[at] == side + 1) seen->along[side] = (int32_t)at;
            found[(x * 2 + side) * 4] = seen->along[side];
        }
    }
}

/* The three ways from the row before; `across` of them is 0, turn, -turn. */
INLINE void look_down(const Sampling *s, Seen *seen, int64_t y, int turn, int32_t *spare, int32_t *found) {
    for (int side = 0; side < 2; side++)
        for (int k = 0; k < 3; k++) {
            const int64_t across = k == 0 ? 0 : k == 1 ? turn : -turn;
            const int32_t *before = seen->rows[side][k];
            for (int64_t x = 0; x < s->width; x++) {
                const int64_t at = y * s->width + x, from = x - across;
                const int32_t carried = from < 0 || from >= s->width ? -1 : before[from];
                spare[x] = s->known[at] == side + 1 ? (int32_t)at : carried;
                found[(x * 2 + side) * 4 + 1 + k] = spare[x];
            }
            memcpy(seen->rows[side][k], spare, s->width * sizeof *spare);
        }
}

/* Colours and costs of a side's eight candidates for a pixel; a cost is the distance over that of the nearest. */
INLINE void candidates(const Sampling *s, const int32_t *first, const int32_t *second, int64_t y, int64_t x,
                       float colour[3][WAYS], float *cost) {
    float least = 1e6f;
    for (int k = 0; k < WAYS; k++) {
        const int32_t at = k % 2 ? second[k / 2] : first[k / 2];
        const float dy = (float)(at / s->width - y), dx = (float)(at % s->width - x);
        cost[k] = at < 0 ? INFINITY : sqrtf(dy * dy + dx * dx);
        if (cost[k] < least) least = cost[k];
        for (int c = 0; c < 3; c++) colour[c][k] = at < 0 ? 0 : s->means[3 * (int64_t)at + c];
    }
    for (int k = 0; k < WAYS; k++) cost[k] /= least > 1 ? least : 1;
}

typedef struct {
    float cost[WAYS], alpha[WAYS], misfit[WAYS], length[WAYS];
} Pairs;

/* The pairs of one colour of the subject with eight of the backdrop: kept where they cost less. */
INLINE void compare(const float *own, const float f[3], float cost_f, float b[3][WAYS], const float *cost_b, Pairs *best) {
    for (int k = 0; k < WAYS; k++) {
        const float l0 = f[0] - b[0][k], l1 = f[1] - b[1][k], l2 = f[2] - b[2][k];
        const float o0 = own[0] - b[0][k], o1 = own[1] - b[1][k], o2 = own[2] - b[2][k];
        const float length = l0 * l0 + l1 * l1 + l2 * l2;
        float alpha = (o0 * l0 + o1 * l1 + o2 * l2) / (length > 1e-6f ? length : 1e-6f);
        alpha = alpha < 0 ? 0 : alpha > 1 ? 1 : alpha;
        const float r0 = o0 - alpha * l0, r1 = o1 - alpha * l1, r2 = o2 - alpha * l2;
        const float misfit = (r0 * r0 + r1 * r1 + r2 * r2) / (SAMPLING_NOISE * SAMPLING_NOISE);
        const float cost = misfit + cost_f + cost_b[k];
        const int less = cost < best->cost[k];
        best->cost[k] = less ? cost : best->cost[k], best->alpha[k] = less ? alpha : best->alpha[k];
        best->misfit[k] = less ? misfit : best->misfit[k], best->length[k] = less ? length : best->length[k];
    }
}

INLINE void decide(const Sampling *s, const int32_t *first, const int32_t *second, int64_t y, int64_t x) {
    float f[3][WAYS], b[3][WAYS], cost_f[WAYS], cost_b[WAYS];
    Pairs best;
    int found = 0;
    candidates(s, first, second, y, x, f, cost_f);
    candidates(s, first + 4, second + 4, y, x, b, cost_b);
    for (int k = 0; k < WAYS; k++)
        best.cost[k] = INFINITY, best.alpha[k] = 0.5f, best.misfit[k] = 0, best.length[k] = 0;
    for (int k = 0; k < WAYS; k++) {
        const float one[3] = {f[0][k], f[1][k], f[2][k]};
        if (cost_f[k] < INFINITY) compare(s->colour + 3 * (y * s->width + x), one, cost_f[k], b, cost_b, &best);
    }
    for (int k = 1; k < WAYS; k++)
        if (best.cost[k] < best.cost[found]) found = k;
    const float noise = 4 * SAMPLING_NOISE * SAMPLING_NOISE, length = best.length[found];
    s->alpha[y * s->width + x] = best.alpha[found];
    s->trust[y * s->width + x] = expf(-best.misfit[found] / 2) * length / (length + noise);
}

/* The best pair for every unknown pixel; `scratch` has 8 numbers for each of them, and 15 for a pixel of a row. */
CLONES void matting_sample(const Sampling *s, int32_t *scratch) {
    int32_t *spare = scratch, *found = spare + s->width, *kept = found + 8 * s->width, *next = kept;
    Seen seen;
    next += 6 * s->width;
    for (int turn = 1; turn >= -1; turn -= 2) {
        for (int64_t i = 0; i < 6 * s->width; i++) kept[i] = -1;
        for (int i = 0; i < 6; i++) seen.rows[i / 3][i % 3] = kept + i * s->width;
        for (int64_t i = 0; i < s->height; i++) {
            const int64_t y = turn > 0 ? i : s->height - 1 - i;
            look_along(s, &seen, y, turn, found);
            look_down(s, &seen, y, turn, spare, found);
            for (int64_t k = 0; k < s->width; k++) {
                const int64_t x = turn > 0 ? k : s->width - 1 - k;
                if (s->known[y * s->width + x]) continue;
                if (turn > 0)
                    memcpy(next, found + 8 * x, 8 * sizeof *next), next += 8;
                else
                    next -= 8, decide(s, next, found + 8 * x, y, x);
            }
        }
    }
}
