package dev.credence.torch.training;

import dev.credence.torch.architecture.Precision;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * All trained numbers in one flat tensor, matrices first, each parameter a view of it; an optimiser's step is then a handful
 * of operations on the whole.
 */
final class Parameters implements AutoCloseable {
    private static final int ALIGNED =
            16; // numbers; each view begins on a cache line, so that products give the same bits

    private final Precision precision;
    private final List<Parameter> list;
    private final Tensor values; // (P)
    private final List<Tensor> views;
    private final Kept kept = new Kept();

    /**
     * Copies tensors into a new store.
     *
     * @param names of the tensors
     * @param tensors as they are
     * @param precision of all of them
     */
    Parameters(List<String> names, List<Tensor> tensors, Precision precision) {
        this.precision = precision;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparing(i -> tensors.get(i).dim() > 1 ? 0 : 1)); // stable
        Parameter[] made = new Parameter[names.size()];
        long offset = 0;
        for (int i : order) {
            Tensor tensor = tensors.get(i);
            long[] shape = new long[(int) tensor.dim()];
            for (int d = 0; d < shape.length; d++) {
                shape[d] = tensor.size(d);
            }
            made[i] = new Parameter(names.get(i), shape, offset);
            offset += (made[i].size() + ALIGNED - 1) / ALIGNED * ALIGNED;
        }
        this.list = List.of(made);
        this.values = kept.keep(zeros(offset));
        this.views = views(values, kept);
        Native.within(() -> {
            for (int i = 0; i < views.size(); i++) {
                views.get(i).copy_(tensors.get(i));
            }
        });
    }

    List<Parameter> list() {
        return list;
    }

    Precision precision() {
        return precision;
    }

    /** (P) all of them, with what fills the gaps. */
    Tensor values() {
        return values;
    }

    /** The view of one. */
    Tensor view(int index) {
        return views.get(index);
    }

    long length() {
        return values.numel();
    }

    /** How many numbers at the beginning are those of matrices. */
    long decayed() {
        return list.stream()
                .filter(p -> !p.decays())
                .mapToLong(Parameter::offset)
                .min()
                .orElse(length());
    }

    /** The trained numbers alone. */
    long count() {
        return list.stream().mapToLong(Parameter::size).sum();
    }

    /** A flat tensor of zeros (n) of the same precision. */
    Tensor zeros(long n) {
        return Native.empty(Native.type(precision), n).zero_();
    }

    /** Views of another flat tensor (P), one a parameter. */
    List<Tensor> views(Tensor flat, Kept keeper) {
        List<Tensor> made = new ArrayList<>();
        for (Parameter parameter : list) {
            made.add(keeper.keep(
                    flat.narrow(0, parameter.offset(), parameter.size()).view(parameter.shape())));
        }
        return made;
    }

    @Override
    public void close() {
        kept.close();
    }
}
