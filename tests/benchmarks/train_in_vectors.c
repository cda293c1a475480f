#include <string.h>
#define V ((NEURONS + 15) / 16)
typedef float vec __attribute__((vector_size(64)));
typedef int mask __attribute__((vector_size(64)));
typedef float half __attribute__((vector_size(32)));
typedef float quarter __attribute__((vector_size(16)));

static inline float total(vec a) {
    union { vec v; half h[2]; } p = {a};
    union { half h; quarter q[2]; } q = {p.h[0] + p.h[1]};
    quarter r = q.q[0] + q.q[1];
    return (r[0] + r[2]) + (r[1] + r[3]);
}

/* The same with sizes fixed at compile time, and every value of a sample's pass in explicit vectors. */
float train(const float *x, const float *y, float *w1_, float *b1_, float *w2_, float *b2, float rate,
            int steps) {
    vec w1[V] = {0}, b1[V] = {0}, w2[V] = {0}, zero = {0};
    memcpy(w1, w1_, NEURONS * sizeof(float));
    memcpy(b1, b1_, NEURONS * sizeof(float));
    memcpy(w2, w2_, NEURONS * sizeof(float));
    float loss = 0, bias = *b2;
    for (int step = 0; step < steps; step++) {
        vec g1[V] = {0}, g2[V] = {0}, g3[V] = {0}, h[V];
        float gb = 0;
        loss = 0;
        for (int s = 0; s < SAMPLES; s++) {
            vec sum = zero;
            for (int v = 0; v < V; v++) {
                vec u = w1[v] * x[s] + b1[v];
                h[v] = (vec)((mask)u & (u > zero));
                sum += w2[v] * h[v];
            }
            float error = total(sum) + bias - y[s], slope = 2 * error / SAMPLES;
            loss += error * error / SAMPLES;
            gb += slope;
            for (int v = 0; v < V; v++) {
                vec back = (vec)((mask)(slope * w2[v]) & (h[v] > zero));
                g3[v] += slope * h[v];
                g2[v] += back;
                g1[v] += back * x[s];
            }
        }
        for (int v = 0; v < V; v++) {
            w1[v] -= rate * g1[v];
            b1[v] -= rate * g2[v];
            w2[v] -= rate * g3[v];
        }
        bias -= rate * gb;
    }
    memcpy(w1_, w1, NEURONS * sizeof(float));
    memcpy(b1_, b1, NEURONS * sizeof(float));
    memcpy(w2_, w2, NEURONS * sizeof(float));
    *b2 = bias;
    return loss;
}
