package dev.credence.torch.architecture;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/** Where weights come from: tensors by name. */
public interface WeightSource {
    /**
     * Looks a tensor up.
     *
     * @param name its stored name
     * @return what the file says of it
     * @throws dev.credence.core.provenance.InputException if there is none, naming the file and the tensor
     */
    StoredTensor find(String name);

    /**
     * Reads bytes of a tensor.
     *
     * @param tensor as found
     * @param from first byte within the tensor
     * @param into filled to its limit
     * @throws dev.credence.core.provenance.InputException if the file ends before
     */
    void read(StoredTensor tensor, long from, ByteBuffer into);

    /**
     * Where a tensor's bytes lie, so that they can be mapped.
     *
     * @param tensor as found
     * @return its place in a file that nobody writes to; empty where there is none
     */
    default Optional<Region> region(StoredTensor tensor) {
        return Optional.empty();
    }

    /**
     * Where a tensor begins.
     *
     * @param file on a local disk
     * @param offset of its first byte
     */
    record Region(Path file, long offset) {}
}
