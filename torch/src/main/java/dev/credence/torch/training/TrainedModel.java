package dev.credence.torch.training;

import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.Role;
import dev.credence.torch.tensors.Kept;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.weights.LowRank;
import dev.credence.torch.weights.Weights;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * A transformer whose trained weights are views of a flat store, and the same as a network with a derivative.
 *
 * @param transformer serves sampling and scoring
 * @param network serves training
 * @param parameters the flat store
 * @param trained where each weight is among the parameters
 */
record TrainedModel(
        Transformer transformer, TrainedNetwork network, Parameters parameters, TrainedWeights.Trained trained)
        implements AutoCloseable {
    /** Copies what is trained, shares the rest. */
    static TrainedModel of(Transformer base, Trainable trainable, Products products) {
        Weights weights = base.network().weights();
        int outside = base.architecture().layers();
        List<Map<Role, Integer>> at = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<Tensor> tensors = new ArrayList<>();
        int lowest = outside;
        for (int layer = 0; layer <= outside; layer++) {
            Map<Role, Integer> byRole = new EnumMap<>(Role.class);
            at.add(byRole);
            for (Role role : weights.roles(layer)) {
                List<String> stored = weights.stored(role, layer);
                if (trainable.chooses(stored)) {
                    byRole.put(role, names.size());
                    names.add(String.join("+", stored));
                    tensors.add(Objects.requireNonNull(weights.find(role, layer)));
                    lowest = Math.min(lowest, role == Role.EMBEDDING || role == Role.POSITIONS ? -1 : layer);
                }
            }
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException("trainable pattern '" + trainable.names()
                    + "' is found in no weight's name; one at least is needed," + " such as "
                    + weights.stored(Role.EMBEDDING, outside));
        }
        Parameters parameters = Native.within(
                () -> new Parameters(names, tensors, base.network().precision()));
        TrainedWeights.Trained trained = (role, layer) -> at.get(layer).getOrDefault(role, -1);
        Transformer live = base.with(() -> weights.with((role, layer) -> {
            int index = trained.index(role, layer);
            return index < 0 ? null : parameters.view(index);
        }));
        return new TrainedModel(
                live, new TrainedNetwork(live.network(), trained, lowest, products), parameters, trained);
    }

    /** Adapters on a base whose weights are all shared: fresh ones, or those it has. A head of one number is trained with them. */
    static TrainedModel ofAdapters(Transformer base, List<LowRank> adapters, Products products) {
        List<String> names = new ArrayList<>();
        List<Tensor> tensors = new ArrayList<>();
        int lowest = base.architecture().layers();
        for (LowRank low : adapters) {
            names.add(low.weight() + ".lora_A");
            names.add(low.weight() + ".lora_B");
            tensors.add(low.down());
            tensors.add(low.up());
            lowest =
                    Math.min(lowest, base.network().weights().part(low.weight()).layer());
        }
        int outside = base.architecture().layers();
        int head = base.isScoring() ? names.size() : -1;
        if (head >= 0) {
            Weights weights = base.network().weights();
            names.add(String.join("+", weights.stored(Role.HEAD, outside)));
            tensors.add(Objects.requireNonNull(weights.find(Role.HEAD, outside)));
        }
        Parameters parameters = Native.within(
                () -> new Parameters(names, tensors, base.network().precision()));
        List<LowRank> trained = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            trained.add(adapters.get(i).on(parameters.view(2 * i), parameters.view(2 * i + 1), 2 * i, 2 * i + 1));
        }
        TrainedWeights.Trained own = (role, layer) -> role == Role.HEAD ? head : -1;
        Transformer live = base.with(() -> weightsOn(base.network().weights(), own, trained, i -> parameters.view(i)));
        return new TrainedModel(live, new TrainedNetwork(live.network(), own, lowest, products), parameters, own);
    }

    /** The same model on other numbers (P), whose memory it shares. */
    Transformer on(Tensor values) {
        return transformer.with(() -> {
            try (Kept views = new Kept()) {
                return weightsOn(parameters.views(values, views));
            }
        });
    }

    private Weights weightsOn(List<Tensor> views) {
        Weights own = transformer.network().weights();
        List<LowRank> adapters = own.added();
        if (adapters.stream().anyMatch(low -> low.downAt() >= 0)) {
            List<LowRank> onViews = adapters.stream()
                    .map(low -> low.on(views.get(low.downAt()), views.get(low.upAt()), -1, -1))
                    .toList();
            return weightsOn(own, trained, onViews, views::get);
        }
        return own.with((role, layer) -> {
            int index = trained.index(role, layer);
            return index < 0 ? null : views.get(index);
        });
    }

    private static Weights weightsOn(
            Weights base, TrainedWeights.Trained trained, List<LowRank> adapters, IntFunction<Tensor> views) {
        try (Weights bare = base.with((role, layer) -> {
            int index = trained.index(role, layer);
            return index < 0 ? null : views.apply(index);
        })) {
            return bare.withAdapters(adapters);
        }
    }

    @Override
    public void close() {
        network.close();
        transformer.close();
        parameters.close();
    }
}
