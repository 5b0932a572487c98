package dev.credence.torch.inference;

import dev.credence.torch.layers.Network;
import org.jspecify.annotations.Nullable;

/** A network for steps of a few rows: with copies of its matrices where that is faster, else itself. */
final class FewRows implements AutoCloseable {
    private final Network network;
    private @Nullable Network copy;

    /**
     * Copies the matrices, or not.
     *
     * @param network whose weights stay as they are until this is closed
     * @param passes how often it will be applied, about
     */
    FewRows(Network network, long passes) {
        this.network = network;
        this.copy = network.forFewRows(passes);
    }

    Network network() {
        return copy == null ? network : copy;
    }

    @Override
    public void close() {
        if (copy != null) {
            copy.close();
            copy = null;
        }
    }
}
