package dev.credence.torch.inference;

import dev.credence.torch.layers.KeyValueCache;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.WholeRows;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** Prompts that were read once, several together: their keys and values, and the logits of the token after each. */
final class ReadPrompts implements AutoCloseable {
    private final Network network;
    private final List<int[]> prompts;
    private final int[] groups; // where each group of prompts read together begins, and the end of the last
    private final List<Group> read = new ArrayList<>();

    /** Prompts read together, padded on the right to the longest. */
    private record Group(KeyValueCache cache, double[] logits, double[] read) {}

    /** Reads prompts, each thread its share. */
    ReadPrompts(Network network, Workers workers, List<int[]> prompts) {
        this.network = network;
        this.prompts = prompts;
        int longest = longest(0, prompts.size());
        int share = Math.min(-(-prompts.size() / workers.count()), Scoring.PIECE_TOKENS * Native.breadth() / longest);
        int size = Math.max(1, share);
        int count = (prompts.size() + size - 1) / size;
        this.groups = IntStream.rangeClosed(0, count)
                .map(group -> Math.min(prompts.size(), group * size))
                .toArray();
        read.addAll(workers.map(count, group -> Native.infer(() -> read(groups[group], groups[group + 1]))));
    }

    private Group read(int from, int to) {
        int length = longest(from, to);
        int[] own = IntStream.range(from, to).toArray();
        int[] last = new int[own.length];
        for (int i = 0; i < own.length; i++) {
            last[i] = i * length + prompts.get(own[i]).length - 1;
        }
        KeyValueCache cache = KeyValueCache.empty(network, own.length, length);
        Tensor hidden =
                network.hidden(Scoring.padded(prompts, own, length), new WholeRows(network, own.length, length, cache));
        cache.advance(length);
        Tensor chosen = hidden.index_select(0, Native.ids(last, last.length));
        Tensor read = network.read(chosen);
        return new Group(cache, Native.toDoubles(network.headOf(read)), Native.toDoubles(read));
    }

    /** Logits (prompts, V) of the token after each of some prompts. */
    double[] logits(int from, int to) {
        int v = network.architecture().vocabulary();
        double[] logits = new double[(to - from) * v];
        for (int prompt = from; prompt < to; prompt++) {
            int group = group(prompt);
            System.arraycopy(read.get(group).logits(), (prompt - groups[group]) * v, logits, (prompt - from) * v, v);
        }
        return logits;
    }

    /** (d) what the head reads at the end of a prompt. */
    double[] hidden(int prompt) {
        int d = network.architecture().width();
        int group = group(prompt);
        int at = prompt - groups[group];
        return Arrays.copyOfRange(read.get(group).read(), at * d, (at + 1) * d);
    }

    /** A cache with a sequence for each of some prompts, all ending at one place, and room behind it. */
    KeyValueCache sequences(int from, int to, int room) {
        int longest = longest(from, to);
        KeyValueCache cache = KeyValueCache.empty(network, to - from, longest + room);
        for (int prompt = from; prompt < to; prompt++) {
            int group = group(prompt);
            cache.begin(
                    prompt - from,
                    longest,
                    read.get(group).cache().row(prompt - groups[group], prompts.get(prompt).length));
        }
        cache.advance(longest);
        return cache;
    }

    private int group(int prompt) {
        int group = 0;
        while (prompt >= groups[group + 1]) {
            group++;
        }
        return group;
    }

    private int longest(int from, int to) {
        return Scoring.longest(prompts, IntStream.range(from, to).toArray());
    }

    @Override
    public void close() {
        read.forEach(group -> group.cache().close());
    }
}
