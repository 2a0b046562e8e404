/* The browse kernel of sim/kernels/browse.py once more in plain C, as the yardstick of its speed.

   The same algorithm on the same arrays, with the same draws, so that the impressions are the
   same to the bit; `layout.h` is generated from the NumPy record types when this is compiled.
   Nothing beyond C11 and __builtin_prefetch is used. Compile without contraction to fused
   multiply-add (-ffp-contract=off): that would round otherwise than the kernels do. */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

typedef uint64_t u64;
typedef uint32_t u32;

typedef struct { /* all that is read; filled by benchmarks/c_version.py */
    const account_t *accounts;
    const u32 *follow_ids;
    const tie_t *ties;
    const u32 *directory;
    u64 directory_mask;
    const double *warmth;
    const u32 *start;
    const wall_t *posts;
    const u32 *spots;
    u64 spots_mask;
    const params_t *params;
    const viral_t *hits;
    int64_t hit_count;
    u64 seed;
    int64_t hour;
    const u32 *viewers;
    const uint16_t *reads;
    const uint8_t *sessions;
    const int64_t *offsets;
    int64_t viewer_count;
} input_t;

typedef struct { /* the best candidates so far */
    double priority[MAX_ATTENTION + 1];
    u32 slot[MAX_ATTENTION + 1];
    u64 uid[MAX_ATTENTION + 1];
    u32 entry[MAX_ATTENTION + 1];
    u32 tie[MAX_ATTENTION + 1];
    uint8_t route[MAX_ATTENTION + 1];
} feed_t;

typedef struct {
    int64_t viewer, room, last, lag;
    u64 key;
    bool chronological;
    const account_t *account;
} session_t;

typedef struct {
    u32 place;
    uint8_t route;
} recommended_t;

typedef struct { /* a recommendation that is being looked for */
    int64_t at;  /* where the search has come to: a place in the pool, a row, a topic; or -1 */
    u64 j;
    uint8_t route;
} wish_t;

enum { TRIES = 8, TOPIC_TRIES = 4, FAR = 24, NEAR = 12, BATCH = 256, BLOCK = 16 };
static const double HIT_WEIGHT = 1000.0;

static inline u64 mix(u64 z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline u64 fold(u64 key, u64 word) { return mix(key + (word + 1) * 0x9E3779B97F4A7C15u); }

static inline double unit(u64 word) { return (double)(int64_t)(word >> 11) * 0x1p-53; }

static inline double warmth_of(const input_t *in, int64_t index) {
    if (index < 0 || in->ties[index].warmth == 0) return 0.0;
    int64_t hours = in->hour - in->ties[index].touched;
    if (hours > DECAY_HOURS - 1) hours = DECAY_HOURS - 1;
    return in->ties[index].warmth / WARMTH * in->warmth[hours];
}

static inline bool is_new_to(const session_t *s, const wall_t *entry) {
    return entry->hour + s->lag > s->last && entry->creator != s->viewer;
}

static inline bool comes_before(const feed_t *f, int64_t k, double priority, u64 uid, int route) {
    if (priority != f->priority[k]) return priority < f->priority[k];
    u32 slot = f->slot[k];
    if (uid != f->uid[slot]) return uid < f->uid[slot];
    return route < f->route[slot];
}

static inline int64_t hold(feed_t *f, int64_t held, int64_t room, double priority, u64 uid,
                           u32 entry, u32 tie, int route) {
    u32 slot = (u32)held;
    if (held == room) {
        if (room == 0 || !comes_before(f, held - 1, priority, uid, route)) return held;
        held--;
        slot = f->slot[held];
    }
    int64_t k = held;
    for (; k > 0 && comes_before(f, k - 1, priority, uid, route); k--) {
        f->priority[k] = f->priority[k - 1];
        f->slot[k] = f->slot[k - 1];
    }
    f->priority[k] = priority, f->slot[k] = slot;
    f->uid[slot] = uid, f->entry[slot] = entry, f->tie[slot] = tie, f->route[slot] = route;
    return held + 1;
}

static inline double priority_of(const input_t *in, const session_t *s, const wall_t *entry,
                                 double factor) {
    double coin = unit(fold(fold(s->key, entry->uid), PURPOSE_RANK));
    if (s->chronological) return (double)(in->hour - entry->hour) + coin;
    return (coin + 0x1p-53) / (entry->weight * factor);
}

typedef struct { /* candidates that wait for their priority, which many get at a time */
    u64 uid[BATCH];
    double weight[BATCH]; /* with the factor of warmth */
    double age[BATCH];
    double priority[BATCH];
    u32 place[BATCH];
    u32 tie[BATCH];
    uint8_t route[BATCH];
    int64_t count;
} batch_t;

/* Give a batch its priorities, in a loop without branches, and hold the best of it. */
static inline int64_t flush(const session_t *s, batch_t *b, feed_t *f, int64_t held) {
    const u64 key = s->key;
    if (s->chronological)
        for (int64_t i = 0; i < b->count; i++)
            b->priority[i] = b->age[i] + unit(fold(fold(key, b->uid[i]), PURPOSE_RANK));
    else
        for (int64_t i = 0; i < b->count; i++)
            b->priority[i] =
                (unit(fold(fold(key, b->uid[i]), PURPOSE_RANK)) + 0x1p-53) / b->weight[i];
    for (int64_t i = 0; s->room && i < b->count; i++)
        if (held < s->room || b->priority[i] <= f->priority[held - 1])
            held = hold(f, held, s->room, b->priority[i], b->uid[i], b->place[i], b->tie[i],
                        b->route[i]);
    b->count = 0;
    return held;
}

/* Offer the posts of followees; the places on the wall are fetched ahead in two steps. */
static inline int64_t gather_followees(const input_t *in, const session_t *s, bool without_begs,
                                       feed_t *f, int64_t *offered) {
    const u32 first = s->account->start, *ids = in->follow_ids + first;
    const tie_t *ties = in->ties + first;
    const int64_t count = s->account->follows;
    const int64_t horizon = s->last - s->lag - (int64_t)in->params->tick_hours;
    int64_t held = 0, seen = 0;
    batch_t b;
    b.count = 0;
    for (int64_t k = 0; k < FAR && k < count; k++) __builtin_prefetch(in->start + ids[k]);
    for (int64_t k = 0; k < NEAR && k < count; k++)
        __builtin_prefetch(in->posts + in->start[ids[k]]);
    for (int64_t k = 0; k < count; k++) {
        if (k + FAR < count) __builtin_prefetch(in->start + ids[k + FAR]);
        if (k + NEAR < count) __builtin_prefetch(in->posts + in->start[ids[k + NEAR]]);
        u32 at = in->start[ids[k]], end = in->start[ids[k] + 1];
        if (at == end || in->posts[at].hour < horizon || ties[k].muted) continue;
        double factor = 1.0 + in->params->rank_warmth * warmth_of(in, (int64_t)first + k);
        for (; at < end; at++) {
            const wall_t *entry = in->posts + at;
            if (entry->hour < horizon) break;
            int64_t i = b.count;
            b.uid[i] = entry->uid, b.place[i] = at, b.tie[i] = first + (u32)k;
            b.weight[i] = entry->weight * factor, b.age[i] = (double)(in->hour - entry->hour);
            b.route[i] = entry->reshare ? ROUTE_RESHARE : ROUTE_FOLLOWEE;
            b.count += is_new_to(s, entry) & !(without_begs & (entry->kind == KIND_BEG));
            if (b.count < BATCH) continue;
            seen += b.count;
            held = flush(s, &b, f, held);
        }
    }
    *offered = seen + b.count;
    return flush(s, &b, f, held);
}

/* Sixteen entries are compared at a time, which the compiler makes one or two instructions. */
static inline int64_t find_tie(const input_t *in, const account_t *account, u32 other) {
    const u32 *ids = in->follow_ids + account->start;
    const u32 count = account->ties;
    u32 k = 0;
    for (; k + 16 <= count; k += 16) {
        u32 found = 0;
        for (u32 i = 0; i < 16; i++) found |= ids[k + i] == other;
        if (found) break;
    }
    for (; k < count; k++)
        if (ids[k] == other) return (int64_t)account->start + k;
    return -1;
}

static inline bool follows(const input_t *in, const account_t *account, u32 other) {
    int64_t index = find_tie(in, account, other);
    return index >= 0 && index < (int64_t)account->start + account->follows;
}

/* The place in the pool of a followee drawn over a power of two with rejection, or -1. */
static inline int64_t pick_followee(const account_t *account, u64 key, u64 first_draw,
                                    u64 purpose) {
    u64 count = account->follows, span = 1;
    while (span < count) span *= 2;
    for (u64 t = 0; count > 0 && t < TRIES; t++) {
        u64 position = fold(fold(key, first_draw + t), purpose) & (span - 1);
        if (position < count) return (int64_t)(account->start + position);
    }
    return -1;
}

static inline int64_t post_of_stranger(const input_t *in, const session_t *s, int64_t author) {
    if (author < 0 || author == s->viewer || follows(in, s->account, (u32)author)) return -1;
    for (u32 at = in->start[author]; at < in->start[author + 1]; at++)
        if (!in->posts[at].reshare && is_new_to(s, in->posts + at)) return at;
    return -1;
}

static inline const u32 *directory_entry(const input_t *in, u64 key, u64 draw) {
    return in->directory + (fold(fold(key, draw), PURPOSE_POPULAR) & in->directory_mask);
}

/* The place in the pool of a followee of somebody drawn from the directory, or -1. */
static inline int64_t pick_popular(const input_t *in, const session_t *s, u64 j) {
    for (u64 t = 0; t < TRIES; t++) {
        u32 row = *directory_entry(in, s->key, 8 * j + t);
        if (row == NO_ROW || !in->accounts[row].alive || !in->accounts[row].follows) continue;
        return pick_followee(in->accounts + row, s->key, 8 * j, PURPOSE_POPULAR_FOLLOWEE);
    }
    return -1;
}

static inline int64_t interesting_topic(const session_t *s, u64 j) {
    for (u64 t = 0; t < TOPIC_TRIES; t++) {
        u64 word = fold(fold(s->key, 8 * j + t), PURPOSE_TOPIC);
        u64 topic = word >> 61;
        if (topic < TOPICS && ((word >> 8) & 255) < s->account->interest[topic])
            return (int64_t)topic;
    }
    return -1;
}

static inline const u32 *spot(const input_t *in, u64 key, int64_t topic, u64 draw) {
    u64 word = fold(fold(key, draw), PURPOSE_SPOT);
    return in->spots + (u64)topic * (in->spots_mask + 1) + (word & in->spots_mask);
}

static inline int64_t by_topic(const input_t *in, const session_t *s, int64_t topic, u64 j) {
    for (u64 t = 0; topic >= 0 && t < TOPIC_TRIES; t++) {
        u32 at = *spot(in, s->key, topic, 8 * j + t);
        if (at == NO_ROW || !is_new_to(s, in->posts + at)) continue;
        return follows(in, s->account, in->posts[at].creator) ? -1 : (int64_t)at;
    }
    return -1;
}

static int64_t by_hit(const input_t *in, const session_t *s, const viral_t *hit) {
    double coin = unit(fold(fold(s->key, in->accounts[hit->row].uid), PURPOSE_VIRAL));
    return coin < hit->reach ? post_of_stranger(in, s, hit->row) : -1;
}

static inline int route_of(const input_t *in, const session_t *s, u64 j) {
    double coin = unit(fold(fold(s->key, j), PURPOSE_FRIEND_OR_TOPIC));
    if (coin < in->params->friend_share) return ROUTE_FRIEND;
    if (coin < in->params->friend_share + in->params->popularity_share) return ROUTE_POPULAR;
    return ROUTE_TOPIC;
}

/* The recommendations of a block of viewers are found in steps, each of which fetches what the
   next one reads: they are random walks through memory, and wait for nothing but that. */
static inline void first_step(const input_t *in, const session_t *s, wish_t *w) {
    w->route = (uint8_t)route_of(in, s, w->j);
    if (w->route == ROUTE_FRIEND) {
        w->at = pick_followee(s->account, s->key, 8 * w->j, PURPOSE_FRIEND);
        if (w->at >= 0) __builtin_prefetch(in->follow_ids + w->at);
    } else if (w->route == ROUTE_POPULAR) {
        __builtin_prefetch(directory_entry(in, s->key, 8 * w->j));
    } else {
        w->at = interesting_topic(s, w->j);
        if (w->at >= 0) __builtin_prefetch(spot(in, s->key, w->at, 8 * w->j));
    }
}

static inline void second_step(const input_t *in, const session_t *s, wish_t *w) {
    if (w->route == ROUTE_FRIEND) {
        if (w->at >= 0) w->at = in->follow_ids[w->at];
        if (w->at >= 0) __builtin_prefetch(in->accounts + w->at);
    } else if (w->route == ROUTE_POPULAR) {
        u32 row = *directory_entry(in, s->key, 8 * w->j);
        if (row == NO_ROW) return;
        __builtin_prefetch(in->accounts + row);
        __builtin_prefetch(&in->accounts[row].alive);
    } else if (w->at >= 0) {
        u32 at = *spot(in, s->key, w->at, 8 * w->j);
        if (at != NO_ROW) __builtin_prefetch(in->posts + at);
    }
}

static inline void third_step(const input_t *in, const session_t *s, wish_t *w) {
    if (w->route == ROUTE_TOPIC) return;
    if (w->route == ROUTE_POPULAR)
        w->at = pick_popular(in, s, w->j);
    else if (w->at >= 0)
        w->at = pick_followee(in->accounts + w->at, s->key, 8 * w->j, PURPOSE_FRIEND_OF_FRIEND);
    if (w->at >= 0) __builtin_prefetch(in->follow_ids + w->at);
}

static inline void fourth_step(const input_t *in, wish_t *w) {
    if (w->route == ROUTE_TOPIC || w->at < 0) return;
    w->at = in->follow_ids[w->at];
    __builtin_prefetch(in->start + w->at);
}

static inline void fifth_step(const input_t *in, const wish_t *w) {
    if (w->route != ROUTE_TOPIC && w->at >= 0) __builtin_prefetch(in->posts + in->start[w->at]);
}

static inline int64_t last_step(const input_t *in, const session_t *s, const wish_t *w) {
    if (w->route == ROUTE_TOPIC) return by_topic(in, s, w->at, w->j);
    return post_of_stranger(in, s, w->at);
}

static inline int64_t add(recommended_t *out, int64_t count, int64_t at, int route) {
    if (at < 0) return count;
    for (int64_t i = 0; i < count; i++)
        if (out[i].place == (u32)at) return count;
    out[count] = (recommended_t){(u32)at, (uint8_t)route};
    return count + 1;
}

/* Write the distinct posts recommended to a viewer, whose wishes have come to their last step. */
static inline int64_t recommend(const input_t *in, const session_t *s, const wish_t *wishes,
                                int64_t wish_count, recommended_t *out) {
    int64_t count = 0;
    for (int64_t i = 0; i < wish_count; i++)
        count = add(out, count, last_step(in, s, wishes + i), wishes[i].route);
    for (int64_t i = 0; i < in->hit_count; i++)
        count = add(out, count, by_hit(in, s, in->hits + i), ROUTE_VIRAL);
    return count;
}

static inline int64_t gather_recommended(const input_t *in, const session_t *s, bool without_begs,
                                         feed_t *f, int64_t held, const recommended_t *chosen,
                                         int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const wall_t *entry = in->posts + chosen[i].place;
        if (without_begs && entry->kind == KIND_BEG) continue;
        int64_t tie = find_tie(in, s->account, entry->creator);
        double factor = (1.0 + in->params->rank_warmth * warmth_of(in, tie)) *
                        in->params->recommendation_weight;
        if (chosen[i].route == ROUTE_VIRAL) factor *= HIT_WEIGHT;
        double priority = priority_of(in, s, entry, factor);
        held = hold(f, held, s->room, priority, entry->uid, chosen[i].place,
                    tie >= 0 ? (u32)tie : NO_ROW, chosen[i].route);
    }
    return held;
}

static inline void write(const input_t *in, const feed_t *f, int64_t k, const session_t *s,
                         int displaced, impression_t *out) {
    u32 slot = f->slot[k];
    out->viewer = (u32)s->viewer;
    out->post = in->posts[f->entry[slot]].post;
    out->tie = f->tie[slot];
    out->route = f->route[slot];
    out->displaced = (uint8_t)displaced;
}

static bool is_shown(const feed_t *f, int64_t held, u64 uid, int route) {
    for (int64_t k = 0; k < held; k++)
        if (f->uid[f->slot[k]] == uid && f->route[f->slot[k]] == route) return true;
    return false;
}

/* Take the best again without begs; write behind the shown what begs displaced. */
static int64_t write_displaced(const input_t *in, const session_t *s, const feed_t *f, int64_t held,
                               const recommended_t *chosen, int64_t count, impression_t *out) {
    feed_t without;
    int64_t offered, lost = 0;
    int64_t again = gather_followees(in, s, true, &without, &offered);
    again = gather_recommended(in, s, true, &without, again, chosen, count);
    for (int64_t i = 0; i < again; i++) {
        u32 slot = without.slot[i];
        if (!is_shown(f, held, without.uid[slot], without.route[slot]))
            write(in, &without, i, s, 1, out + lost++);
    }
    return lost;
}

/* Fetch the records of a block of viewers. */
static void fetch_accounts(const input_t *in, int64_t first, int64_t last) {
    for (int64_t k = first; k < last; k++) {
        const char *account = (const char *)(in->accounts + in->viewers[k]);
        for (size_t i = 0; i < sizeof(account_t); i += 64) __builtin_prefetch(account + i);
    }
}

/* Fetch the beginnings of their lists. */
static void fetch_lists(const input_t *in, int64_t first, int64_t last) {
    for (int64_t k = first; k < last; k++) {
        const account_t *account = in->accounts + in->viewers[k];
        u32 count = account->follows < 64 ? account->follows : 64;
        for (u32 i = 0; i < count; i += 16) {
            __builtin_prefetch(in->follow_ids + account->start + i);
            __builtin_prefetch(in->ties + account->start + i);
        }
    }
}

static inline session_t open_session(const input_t *in, int64_t k, u64 prefix) {
    const account_t *account = in->accounts + in->viewers[k];
    u64 key = fold(prefix, account->uid);
    double coin = unit(fold(fold(key, 0), PURPOSE_CHRONOLOGICAL));
    return (session_t){in->viewers[k], in->reads[k], account->last_browse,
                       (int64_t)in->params->lag_hours, key,
                       coin < in->params->chronological_share, account};
}

/* Bring the wishes of one viewer a step further. */
static void go_on(const input_t *in, const session_t *s, wish_t *w, int64_t count, int step) {
    for (int64_t i = 0; i < count; i++) {
        if (step == 1) w[i].j = (u64)i, first_step(in, s, w + i);
        if (step == 2) second_step(in, s, w + i);
        if (step == 3) third_step(in, s, w + i);
        if (step == 4) fourth_step(in, w + i);
        if (step == 5) fifth_step(in, w + i);
    }
}

/* Fill the feed of one viewer. */
static void fill(const input_t *in, const session_t *s, const wish_t *wishes, int64_t wish_count,
                 uint16_t *shown, uint16_t *displaced, double *crowding, impression_t *out) {
    recommended_t chosen[wish_count + in->hit_count + 1];
    feed_t f;
    int64_t offered, count = recommend(in, s, wishes, wish_count, chosen);
    int64_t held = gather_followees(in, s, false, &f, &offered);
    double over = offered > s->room ? (double)(offered - s->room) : 0.0;
    *crowding = s->room ? fmin(1.0, over / (double)s->room) : 0.0;
    held = gather_recommended(in, s, false, &f, held, chosen, count);
    bool begs = false;
    for (int64_t i = 0; i < held; i++) {
        write(in, &f, i, s, 0, out + i);
        begs |= in->posts[f.entry[f.slot[i]]].kind == KIND_BEG;
    }
    *shown = (uint16_t)held;
    *displaced = begs ? (uint16_t)write_displaced(in, s, &f, held, chosen, count, out + held) : 0;
}

/* Fill the feeds of viewers first to last - 1. */
void browse(const input_t *in, int64_t first, int64_t last, uint16_t *shown, uint16_t *displaced,
            double *crowding, impression_t *out) {
    const u64 prefix = fold(mix(in->seed), (u64)in->hour);
    const int64_t each = (int64_t)in->params->recommendations;
    session_t sessions[BLOCK];
    wish_t wishes[BLOCK * (255 * each + 1)];
    int64_t from[BLOCK + 1];
    fetch_accounts(in, first, first + BLOCK < last ? first + BLOCK : last);
    for (int64_t begin = first; begin < last; begin += BLOCK) {
        int64_t end = begin + BLOCK < last ? begin + BLOCK : last;
        fetch_lists(in, begin, end);
        fetch_accounts(in, end, end + BLOCK < last ? end + BLOCK : last);
        from[0] = 0;
        for (int64_t k = begin; k < end; k++) {
            sessions[k - begin] = open_session(in, k, prefix);
            from[k - begin + 1] = from[k - begin] + in->sessions[k] * each;
        }
        for (int step = 1; step <= 5; step++)
            for (int64_t i = 0; i < end - begin; i++)
                go_on(in, sessions + i, wishes + from[i], from[i + 1] - from[i], step);
        for (int64_t k = begin, i = 0; k < end; k++, i++)
            fill(in, sessions + i, wishes + from[i], from[i + 1] - from[i], shown + k,
                 displaced + k, crowding + k, out + in->offsets[k]);
    }
}
