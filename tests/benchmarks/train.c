#include <string.h>

/* The tutorial's job: one hidden ReLU layer, mean squared error, gradient descent on all samples. */
float train(int N, int S, const float *x, const float *y, float *w1, float *b1, float *w2, float *b2,
            float rate, int steps) {
    static float h[1024], g1[1024], g2[1024], g3[1024];
    float loss = 0;
    for (int step = 0; step < steps; step++) {
        float gb = 0;
        loss = 0;
        memset(g1, 0, N * sizeof(float));
        memset(g2, 0, N * sizeof(float));
        memset(g3, 0, N * sizeof(float));
        for (int s = 0; s < S; s++) {
            float out = *b2;
            for (int j = 0; j < N; j++) {
                float u = w1[j] * x[s] + b1[j];
                h[j] = u > 0 ? u : 0;
                out += w2[j] * h[j];
            }
            float error = out - y[s], slope = 2 * error / S;
            loss += error * error / S;
            gb += slope;
            for (int j = 0; j < N; j++) {
                float back = h[j] > 0 ? slope * w2[j] : 0;
                g3[j] += slope * h[j];
                g2[j] += back;
                g1[j] += back * x[s];
            }
        }
        for (int j = 0; j < N; j++) {
            w1[j] -= rate * g1[j];
            b1[j] -= rate * g2[j];
            w2[j] -= rate * g3[j];
        }
        *b2 -= rate * gb;
    }
    return loss;
}
