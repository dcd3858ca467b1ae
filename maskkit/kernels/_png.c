/* What PNG rows go through: the five filters, and a deflate of Huffman codes whose only matches are runs.

   Filtered photographs repeat nothing but runs: looking for other matches is most of what deflate costs and
   saves 1 to 2 % (RFC 1951; W3C PNG Third Edition, section 9). */
#include <stdlib.h>
#include <string.h>

#include "_native.h"

/* ---- filters: residual = row - prediction (mod 256) --------------------------------------------------------- */

INLINE void sub(const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict out, size_t step,
                size_t n) {
    (void)above;
    for (size_t i = 0; i < n; i++) out[i] = row[i] - row[(ptrdiff_t)(i - step)];
}

INLINE void up(const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict out, size_t step,
               size_t n) {
    (void)step;
    for (size_t i = 0; i < n; i++) out[i] = row[i] - above[i];
}

INLINE void average(const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict out, size_t step,
                    size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t a = row[(ptrdiff_t)(i - step)], b = above[i];
        out[i] = row[i] - (uint8_t)((a & b) + ((a ^ b) >> 1)); /* the mean, without leaving 8 bits */
    }
}

/* Whichever is nearest to a + b - c; the first of equals. */
INLINE uint8_t nearest_of(int16_t a, int16_t b, int16_t c) {
    int16_t to_a = b - c, to_b = a - c, to_c = to_a + to_b;
    to_a = to_a < 0 ? -to_a : to_a, to_b = to_b < 0 ? -to_b : to_b, to_c = to_c < 0 ? -to_c : to_c;
    int16_t other = to_b <= to_c ? b : c, nearer = to_b <= to_c ? to_b : to_c;
    return (uint8_t)(to_a <= nearer ? a : other);
}

INLINE void paeth(const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict out, size_t step,
                  size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t a = row[(ptrdiff_t)(i - step)], b = above[i], c = above[(ptrdiff_t)(i - step)];
        out[i] = row[i] - nearest_of(a, b, c);
    }
}

/* The first pixel has 0 to its left and at its corner: Average has half of what is above, Paeth all of it. */
CLONES void png_filter_row(int kind, const uint8_t *row, const uint8_t *above, size_t step, uint8_t *out, size_t n) {
    for (size_t i = 0; i < step; i++) {
        uint8_t predicted = kind == 2 || kind == 4 ? above[i] : kind == 3 ? above[i] >> 1 : 0;
        out[i] = row[i] - predicted;
    }
    row += step, above += step, out += step, n -= step;
    if (kind == 0) memcpy(out, row, n);
    if (kind == 1) sub(row, above, out, step, n);
    if (kind == 2) up(row, above, out, step, n);
    if (kind == 3) average(row, above, out, step, n);
    if (kind == 4) paeth(row, above, out, step, n);
}

/* ---- and back: row = residual + prediction, one pixel after the other ---------------------------------------- */

#ifdef SHUFFLES
typedef uint8_t Bytes __attribute__((vector_size(8))); /* a pixel; zeros in the lanes beyond it */
typedef int16_t Lanes __attribute__((vector_size(16)));

/* In parts that the processor has: a copy of 3 or 6 bytes would wait for its own stores. */
INLINE uint64_t load_part(const uint8_t *from, size_t step) {
    uint64_t word = 0;
    memcpy(&word, from, step);
    return word;
}

INLINE Lanes load_pixel(const uint8_t *from, size_t step) {
    size_t first = step == 3 ? 2 : step == 6 ? 4 : step;
    uint64_t word = load_part(from, first);
    if (first < step) word |= load_part(from + first, step - first) << 8 * first;
    return __builtin_convertvector((Bytes)word, Lanes);
}

INLINE void store_pixel(Lanes pixel, uint8_t *to, size_t step) {
    size_t first = step == 3 ? 2 : step == 6 ? 4 : step;
    uint64_t word = (uint64_t)__builtin_convertvector(pixel, Bytes), rest = word >> 8 * (first & 7);
    memcpy(to, &word, first);
    if (first < step) memcpy(to + first, &rest, step - first);
}

INLINE Lanes lanes_abs(Lanes x) { return (x ^ (x >> 15)) - (x >> 15); }
INLINE Lanes lanes_if(Lanes chosen, Lanes a, Lanes b) { return (chosen & a) | (~chosen & b); }

/* How many bytes from i on are as the one before, and so are those above, with no residual: most of a mask. */
INLINE size_t still(const uint8_t *in, const uint8_t *above, const uint8_t *out, size_t i, size_t n) {
    const size_t start = i;
    uint64_t residual, over, same = 0x0101010101010101u * out[i - 1];
    if (above[i - 1] != out[i - 1]) return 0;
    for (; i + sizeof same <= n; i += sizeof same) {
        memcpy(&residual, in + i, sizeof residual);
        memcpy(&over, above + i, sizeof over);
        if (residual | (over ^ same)) break;
    }
    return i - start;
}

INLINE void unfilter(int kind, const uint8_t *in, const uint8_t *above, uint8_t *out, size_t step, size_t n) {
    Lanes a = {0}, c = {0};
    for (size_t i = 0; i < n; i += step) {
        if (step == 1 && i && i % 8 == 0) {
            size_t length = still(in, above, out, i, n);
            memset(out + i, out[i - 1], length); /* a and c stay as they are, and equal */
            if ((i += length) == n) break;
        }
        Lanes value = load_pixel(in + i, step), b = load_pixel(above + i, step);
        if (kind == 1) value += a;
        if (kind == 3) value += (a + b) >> 1;
        if (kind == 4) {
            Lanes to_a = b - c, to_b = a - c, to_c = lanes_abs(to_a + to_b);
            to_a = lanes_abs(to_a), to_b = lanes_abs(to_b);
            Lanes other = lanes_if(to_b <= to_c, b, c);
            value += lanes_if((to_a <= to_b) & (to_a <= to_c), a, other);
        }
        a = value & 255, c = b;
        store_pixel(a, out + i, step);
    }
}
#else
INLINE void unfilter(int kind, const uint8_t *in, const uint8_t *above, uint8_t *out, size_t step, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t a = i < step ? 0 : out[i - step], b = above[i], c = i < step ? 0 : above[i - step];
        out[i] = in[i] + (uint8_t)(kind == 1 ? a : kind == 3 ? (a + b) >> 1 : nearest_of(a, b, c));
    }
}
#endif

#define UNFILTER_STEP(bytes)                                                     \
    case bytes:                                                                  \
        if (kind == 1) unfilter(1, in, above, out, bytes, n);                    \
        if (kind == 3) unfilter(3, in, above, out, bytes, n);                    \
        if (kind == 4) unfilter(4, in, above, out, bytes, n);                    \
        break;

CLONES void png_unfilter_row(int kind, const uint8_t *in, const uint8_t *above, size_t step, uint8_t *out, size_t n) {
    if (kind == 0) memcpy(out, in, n);
    if (kind == 2)
        for (size_t i = 0; i < n; i++) out[i] = in[i] + above[i];
    switch (step) {
        UNFILTER_STEP(1)
        UNFILTER_STEP(2)
        UNFILTER_STEP(3)
        UNFILTER_STEP(4)
        UNFILTER_STEP(6)
        UNFILTER_STEP(8)
    }
}

/* The two bytes of every sample change places. */
CLONES void swap_row(uint8_t *bytes, size_t n) {
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint16_t sample;
        memcpy(&sample, bytes + i, sizeof sample);
        sample = (uint16_t)(sample << 8 | sample >> 8);
        memcpy(bytes + i, &sample, sizeof sample);
    }
}

/* ---- TIFF's predictor 2, undone: every sample is the sum of the differences up to it (mod 65536) --------------- */

INLINE void summed(const uint16_t *restrict in, uint16_t *restrict out, size_t step, size_t n, int swap) {
    uint16_t sum[4] = {0};
    for (size_t i = 0; i < n; i += step)
        for (size_t k = 0; k < step; k++) {
            uint16_t difference = in[i + k];
            if (swap) difference = (uint16_t)(difference << 8 | difference >> 8);
            out[i + k] = sum[k] += difference;
        }
}

#define SUM_STEP(samples)                                  \
    case samples:                                          \
        if (swap) summed(in, out, samples, n, 1);          \
        else summed(in, out, samples, n, 0);               \
        break;

CLONES void sum_row(const uint16_t *in, size_t step, int swap, uint16_t *out, size_t n) {
    switch (step) {
        SUM_STEP(1)
        SUM_STEP(2)
        SUM_STEP(3)
        SUM_STEP(4)
    }
}

/* ---- statistics --------------------------------------------------------------------------------------------- */

enum { LITERALS = 256, END = 256, SYMBOLS = 286, SHORTEST = 8, LONGEST = 258, DEEPEST = 14, WORD = 8 };
enum { BLOCK = 1 << 17, STORED = 65535 }; /* bytes that one code serves; the most of a stored block */

/* Each of a word's bytes in a table of its own: equal ones, such as every alpha's, would wait for each other. */
static void count_bytes(const uint8_t *word, uint32_t count[WORD][LITERALS]) {
    for (int k = 0; k < WORD; k++) count[k][word[k]]++;
}

/* How many bytes from `at` on repeat the one before, if they fill a word: at most LONGEST. */
INLINE size_t run_at(const uint8_t *in, size_t at, size_t end) {
    uint64_t word, run = 0x0101010101010101u * in[at - 1];
    memcpy(&word, in + at, WORD);
    if (word != run) return 0;
    size_t most = end - at < LONGEST ? end - at : LONGEST, length = WORD;
    for (; length + WORD <= most; length += WORD) {
        memcpy(&word, in + at + length, WORD);
        if (word != run) break;
    }
    while (length < most && in[at + length] == in[at - 1]) length++;
    return length;
}

/* RFC 1951, 3.2.5: lengths from 11 on come four codes to a power of two. */
INLINE int length_symbol(size_t length, int *extra) {
    if (length < 11) return *extra = 0, 254 + (int)length;
    if (length == LONGEST) return *extra = 0, 285;
    int bits = 1;
    while ((length - 3) >> (bits + 3)) bits++;
    *extra = bits;
    return 257 + 4 * bits + (int)((length - 3) >> bits);
}

/* ---- Huffman codes ------------------------------------------------------------------------------------------ */

typedef struct {
    uint32_t count[SYMBOLS];
    uint16_t code[SYMBOLS]; /* its first bit is the lowest */
    uint8_t length[SYMBOLS];
} Code;

static int by_count(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Counts of codes of every length, none longer than `limit`: leaves (in order of weight) and pairs are two
   queues; too long codes are cut, and shorter ones lengthened until Kraft's sum is 1. */
static void count_lengths(const uint64_t *leaves, int n, int limit, int *wanted) {
    uint64_t weight[2 * SYMBOLS];
    int parent[2 * SYMBOLS], depth[2 * SYMBOLS], leaf = 0, pair = n, nodes = n;
    for (int i = 0; i < n; i++) weight[i] = leaves[i] >> 16;
    for (; nodes < 2 * n - 1; nodes++) {
        weight[nodes] = 0;
        for (int child = 0; child < 2; child++) {
            int from = leaf < n && (pair == nodes || weight[leaf] <= weight[pair]) ? leaf++ : pair++;
            weight[nodes] += weight[from];
            parent[from] = nodes;
        }
    }
    depth[nodes - 1] = 0;
    for (int i = nodes - 2; i >= 0; i--) depth[i] = depth[parent[i]] + 1;
    memset(wanted, 0, (limit + 1) * sizeof *wanted);
    long sum = 0;
    for (int i = 0; i < n; i++) {
        int length = n == 1 ? 1 : depth[i] < limit ? depth[i] : limit;
        wanted[length]++;
        sum += 1L << (limit - length);
    }
    for (; sum > 1L << limit; sum--) {
        int length = limit - 1;
        while (!wanted[length]) length--;
        wanted[limit]--, wanted[length]--, wanted[length + 1] += 2;
    }
}

/* The canonical code of the counts (RFC 1951, 3.2.2). */
static void build_code(Code *code, int symbols, int limit) {
    uint64_t leaves[SYMBOLS];
    int wanted[DEEPEST + 1], n = 0;
    memset(code->length, 0, sizeof code->length);
    for (int s = 0; s < symbols; s++)
        if (code->count[s]) leaves[n++] = (uint64_t)code->count[s] << 16 | (uint64_t)s;
    if (!n) return;
    qsort(leaves, n, sizeof *leaves, by_count);
    count_lengths(leaves, n, limit, wanted);
    for (int length = limit, i = 0; length > 0; length--)
        for (int k = 0; k < wanted[length]; k++) code->length[leaves[i++] & 0xFFFF] = (uint8_t)length;
    uint32_t next = 0;
    for (int length = 1; length <= limit; length++, next <<= 1)
        for (int s = 0; s < symbols; s++) {
            if (code->length[s] != length) continue;
            uint32_t forward = next++, backward = 0;
            for (int bit = 0; bit < length; bit++) backward |= (forward >> bit & 1) << (length - 1 - bit);
            code->code[s] = (uint16_t)backward;
        }
}

/* ---- bits --------------------------------------------------------------------------------------------------- */

typedef struct {
    uint8_t *out;
    uint64_t bits; /* not written yet, the first one lowest */
    int held;      /* how many */
} Bits;

INLINE void put(Bits *to, uint64_t value, int length) {
    to->bits |= value << to->held;
    to->held += length;
}

/* Eight bytes are written, of which the whole ones count. */
INLINE void flush(Bits *to) {
    memcpy(to->out, &to->bits, sizeof to->bits);
    to->out += to->held >> 3;
    to->bits >>= to->held & ~7;
    to->held &= 7;
}

static void put_stored(Bits *to, const uint8_t *in, size_t n) {
    for (size_t length; n || !in; in += length, n -= length) {
        length = n < STORED ? n : STORED;
        put(to, 0, 3);
        to->held = (to->held + 7) & ~7;
        flush(to);
        put(to, length | (length ^ 0xFFFF) << 16, 32);
        flush(to);
        if (!in) return;
        memcpy(to->out, in, length);
        to->out += length;
    }
}

/* The lengths of both codes as symbols of a third: 16 repeats, 17 and 18 are zeros (RFC 1951, 3.2.7). */
typedef struct {
    Code code;
    uint8_t symbol[SYMBOLS + 1], extra[SYMBOLS + 1];
    int used, literals;
} Header;

static const uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};

static void describe(Header *header, const Code *code) {
    uint8_t lengths[SYMBOLS + 1];
    int n = SYMBOLS;
    while (!code->length[n - 1]) n--; /* END is always there */
    header->literals = n, header->used = 0;
    memset(&header->code, 0, sizeof header->code);
    memcpy(lengths, code->length, n);
    lengths[n++] = 1; /* one code of distances: 1 */
    for (int i = 0, run; i < n; i += run) {
        int most = lengths[i] ? 7 : 138, symbol = lengths[i], extra = 0;
        for (run = 1; i + run < n && lengths[i + run] == lengths[i] && run < most;) run++;
        if (lengths[i] && run > 3) { /* the length itself, then its repeats */
            header->symbol[header->used++] = lengths[i];
            header->code.count[lengths[i]]++;
            symbol = 16, extra = run - 4;
        } else if (!lengths[i] && run > 2) {
            symbol = run < 11 ? 17 : 18, extra = run - (run < 11 ? 3 : 11);
        } else {
            run = 1;
        }
        header->symbol[header->used] = (uint8_t)symbol, header->extra[header->used++] = (uint8_t)extra;
        header->code.count[symbol]++;
    }
    build_code(&header->code, 19, 7);
}

static void put_header(Bits *to, const Header *header) {
    static const uint8_t extra_bits[] = {2, 3, 7};
    const Code *code = &header->code;
    int n = 19;
    while (n > 4 && !code->length[order[n - 1]]) n--;
    put(to, 4 | (uint64_t)(header->literals - 257) << 3 | (uint64_t)(n - 4) << 13, 17);
    flush(to);
    for (int i = 0; i < n; i++, flush(to)) put(to, code->length[order[i]], 3);
    for (int i = 0; i < header->used; i++, flush(to)) {
        int symbol = header->symbol[i];
        put(to, code->code[symbol], code->length[symbol]);
        if (symbol > 15) put(to, header->extra[i], extra_bits[symbol - 16]);
    }
}

/* ---- one block ---------------------------------------------------------------------------------------------- */

/* The counts of what `put_symbols` will put; gives the bits beyond the codes. */
static size_t count_symbols(Code *code, const uint8_t *in, size_t start, size_t end) {
    uint32_t count[WORD][LITERALS] = {{0}};
    size_t at = start, beyond = 0;
    int extra;
    memset(code->count, 0, sizeof code->count);
    while (at + WORD <= end) {
        size_t run = at ? run_at(in, at, end) : 0;
        if (run) {
            code->count[length_symbol(run, &extra)]++;
            beyond += extra + 1; /* and the one bit of its distance */
            at += run;
        } else {
            count_bytes(in + at, count);
            at += WORD;
        }
    }
    while (at < end) count[0][in[at++]]++;
    for (int value = 0; value < LITERALS; value++)
        for (int k = 0; k < WORD; k++) code->count[value] += count[k][value];
    code->count[END] = 1;
    return beyond;
}

/* Two symbols as one. */
INLINE Bits joined(const uint32_t *table, const uint8_t *in) {
    const uint32_t a = table[in[0]], b = table[in[1]];
    return (Bits){NULL, (a & 0xFFFF) | (uint64_t)(b & 0xFFFF) << (a >> 16), (int)((a >> 16) + (b >> 16))};
}

CLONES static void put_symbols(Bits *bits, const Code *code, const uint8_t *in, size_t at, size_t end) {
    uint32_t table[LITERALS]; /* code and length in one look */
    Bits to = *bits;
    int extra;
    for (int value = 0; value < LITERALS; value++)
        table[value] = code->code[value] | (uint32_t)code->length[value] << 16;
    while (at + WORD <= end) {
        size_t run = at ? run_at(in, at, end) : 0;
        if (run) {
            int symbol = length_symbol(run, &extra);
            put(&to, code->code[symbol], code->length[symbol]);
            put(&to, (run - 3) & ((1u << extra) - 1), extra + 1);
            flush(&to);
            at += run;
            continue;
        }
        for (int half = 0; half < 2; half++, at += 4) { /* 7 + 4 * DEEPEST bits fit in a word */
            const Bits first = joined(table, in + at), second = joined(table, in + at + 2);
            put(&to, first.bits | second.bits << first.held, first.held + second.held);
            flush(&to);
        }
    }
    for (; at < end; at++, flush(&to)) put(&to, table[in[at]] & 0xFFFF, table[in[at]] >> 16);
    put(&to, code->code[END], code->length[END]);
    flush(&to);
    *bits = to;
}

/* Bits of the symbols, once their code is built. */
static size_t coded_bits(const Code *code) {
    size_t bits = 0;
    for (int s = 0; s < SYMBOLS; s++) bits += (size_t)code->count[s] * code->length[s];
    return bits;
}

/* Bits that n bytes would need as one block, but for the description of its code. */
size_t png_bits(const uint8_t *in, size_t n) {
    Code code;
    size_t beyond = count_symbols(&code, in, 0, n);
    build_code(&code, SYMBOLS, DEEPEST);
    return beyond + coded_bits(&code);
}

static void put_block(Bits *to, const uint8_t *in, size_t start, size_t end) {
    Code code;
    Header header;
    size_t beyond = count_symbols(&code, in, start, end);
    build_code(&code, SYMBOLS, DEEPEST);
    describe(&header, &code);
    size_t description = 80 + 14 * (size_t)header.used; /* at most */
    if (description + beyond + coded_bits(&code) >= 8 * (end - start)) {
        put_stored(to, in + start, end - start);
    } else {
        put_header(to, &header);
        put_symbols(to, &code, in, start, end);
    }
}

/* Bytes that `png_deflate` may need for n. */
size_t png_deflate_room(size_t n) { return n + n / 4096 + 64; }

/* Raw deflate of n bytes, ended by a sync flush; gives its length. */
size_t png_deflate(const uint8_t *in, size_t n, uint8_t *out) {
    Bits to = {out, 0, 0};
    for (size_t start = 0; start < n; start += BLOCK)
        put_block(&to, in, start, n - start < BLOCK ? n : start + BLOCK);
    put_stored(&to, NULL, 0);
    return (size_t)(to.out - out);
}
