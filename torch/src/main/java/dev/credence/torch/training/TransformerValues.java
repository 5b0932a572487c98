package dev.credence.torch.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StateValues;
import dev.credence.core.training.StepReport;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.WeightNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Values of a transformer's states: a head of one number, 0 at first, on a trunk of its own that begins as a copy of the base's. Trunk and
 * head are trained together, so that what they learn moves no policy.
 */
final class TransformerValues implements StateValues, AutoCloseable {
    private static final WeightNames NAMES =
            (role, layer) -> new WeightNames.Place(List.of(role + "." + layer), WeightNames.Order.ROWS);

    private final Transformer start;
    private final TransformerPolicy trunk;

    TransformerValues(Transformer base, Optimiser optimiser) {
        try (Transformer whole = base.merged()) {
            this.start = whole.scoring(NAMES);
        }
        this.trunk = TransformerPolicy.of(start, Trainable.all(), optimiser);
    }

    @Override
    public double[][] of(List<Continuation> batch) {
        return trunk.gradient().forward(batch);
    }

    @Override
    public StepReport step(List<Continuation> batch, SequenceObjective objective) {
        return trunk.step(batch, objective);
    }

    @Override
    public void save(OutputStream out) throws IOException {
        trunk.save(out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        trunk.restore(in);
    }

    @Override
    public void close() {
        trunk.close();
        start.close();
    }
}
