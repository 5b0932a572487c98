package dev.credence.torch.training;

import dev.credence.core.training.Optimiser;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The optimiser's side of the parameters: moments, average, number of steps. It works on slices of the flat store that stay
 * in the processor's cache while all operations of a step pass over them; each number is computed alone, so that the result
 * does not depend on slices or threads.
 */
final class Stepper implements AutoCloseable {
    private static final long SLICE = 1 << 15; // numbers: five arrays of them fit in the second-level cache

    private final Parameters parameters;
    private final Optimiser optimiser;
    private final Kept kept = new Kept();
    private final @Nullable Tensor first; // (P)
    private final @Nullable Tensor second; // (P)
    private final @Nullable Tensor average; // (P)
    private long steps;

    Stepper(Parameters parameters, Optimiser optimiser) {
        if (optimiser.rule() == Optimiser.Rule.NATURAL) {
            throw new IllegalArgumentException(
                    "rule is NATURAL; a transformer has too many parameters for the inverse of"
                            + " its Fisher matrix: use ADAMW, ADAM or SGD");
        }
        this.parameters = parameters;
        this.optimiser = optimiser;
        boolean isAdam = optimiser.rule() != Optimiser.Rule.SGD;
        this.first = isAdam || optimiser.beta1() > 0 ? kept.keep(parameters.zeros(parameters.length())) : null;
        this.second = isAdam ? kept.keep(parameters.zeros(parameters.length())) : null;
        this.average = optimiser.average() > 0 ? kept.keep(parameters.values().clone()) : null;
    }

    long steps() {
        return steps;
    }

    Optimiser optimiser() {
        return optimiser;
    }

    /** (P) the moving average of the parameters, where one is kept. */
    @Nullable
    Tensor average() {
        return average;
    }

    /** Everything that a saved state holds, by what it is: the beginning of a name that a parameter's follows. */
    Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("value of ", parameters.values());
        put(all, "first moment of ", first);
        put(all, "second moment of ", second);
        put(all, "average of ", average);
        return all;
    }

    private static void put(Map<String, Tensor> all, String what, @Nullable Tensor tensor) {
        if (tensor != null) {
            all.put(what, tensor);
        }
    }

    /** Goes on from a number of steps. */
    void restore(long done) {
        steps = done;
    }

    /** Goes up the gradient (P), which is scaled down to the norm allowed; the norm is finite. */
    void step(Tensor gradient, double norm, Workers workers) {
        double scale = norm > optimiser.clip() ? optimiser.clip() / norm : 1;
        double rate = optimiser.rate().at(steps);
        steps++;
        long length = parameters.length();
        int slices = (int) ((length + SLICE - 1) / SLICE);
        int lanes = Math.min(workers.count(), slices);
        workers.map(
                lanes,
                lane -> Native.make(() -> {
                    for (int slice = lane; slice < slices; slice += lanes) {
                        long from = slice * SLICE;
                        long count = Math.min(SLICE, length - from);
                        Native.within(
                                () -> slice(gradient.narrow(0, from, count).mul_(number(scale)), from, rate));
                    }
                    return lane;
                }));
    }

    private void slice(Tensor gradient, long from, double rate) {
        Tensor values = own(parameters.values(), from, gradient);
        double decay = 1 - rate * optimiser.weightDecay();
        long decayed = Math.min(gradient.numel(), parameters.decayed() - from);
        if (decay != 1 && decayed > 0) {
            values.narrow(0, 0, decayed).mul_(number(decay));
        }
        if (first != null && second != null) {
            adam(values, gradient, own(first, from, gradient), own(second, from, gradient), rate);
        } else if (first != null) {
            Tensor momentum =
                    own(first, from, gradient).mul_(number(optimiser.beta1())).add_(gradient);
            values.add_(momentum, number(rate));
        } else {
            values.add_(gradient, number(rate));
        }
        if (average != null) {
            own(average, from, gradient).lerp_(values, number(1 - optimiser.average()));
        }
    }

    /** Kingma and Ba 2015, algorithm 1, upwards. */
    private void adam(Tensor values, Tensor gradient, Tensor mean, Tensor square, double rate) {
        double unbiasedFirst = 1 - Math.pow(optimiser.beta1(), (double) steps);
        double unbiasedSecond = 1 - Math.pow(optimiser.beta2(), (double) steps);
        mean.lerp_(gradient, number(1 - optimiser.beta1()));
        square.mul_(number(optimiser.beta2())).addcmul_(gradient, gradient, number(1 - optimiser.beta2()));
        Tensor root = square.sqrt().div_(number(Math.sqrt(unbiasedSecond))).add_(number(optimiser.epsilon()));
        values.addcdiv_(mean, root, number(rate / unbiasedFirst));
    }

    private static Tensor own(Tensor flat, long from, Tensor gradient) {
        return flat.narrow(0, from, gradient.numel());
    }

    private static Scalar number(double value) {
        return new Scalar(value);
    }

    @Override
    public void close() {
        kept.close();
    }
}
