package dev.credence.torch.weights;

import dev.credence.core.provenance.InputException;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import dev.credence.torch.architecture.WeightSource.Region;
import dev.credence.torch.tensors.Native;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Files of weights as memory: the system reads a page when it is first used, and may drop it again. Tensors made of a file keep it
 * mapped after this is closed. A file must not be
 * written to in place while it is, which {@link Stamp} finds out; one that is replaced by another is no matter.
 */
final class MappedFiles implements AutoCloseable {
    private final WeightSource source;
    private final Map<Path, Tensor> files = new HashMap<>(); // (bytes) each
    private final List<Stamp> stamps = new ArrayList<>();

    /**
     * What a file was when it was mapped.
     *
     * @param file the file
     * @param size in bytes
     * @param changed when it was last written to
     * @param key which file had the name: another one in its place is no matter
     */
    record Stamp(
            Path file,
            long size,
            FileTime changed,
            @Nullable Object key) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(file, now.size(), now.lastModifiedTime(), now.fileKey());
        }

        /** Refuses a file that was written to in place: what was computed is of neither the old weights nor the new. */
        void check() {
            Stamp now;
            try {
                now = of(file);
            } catch (IOException e) {
                return; // its name is gone; what was mapped stays
            }
            if (Objects.equals(now.key, key) && !now.equals(this)) {
                throw new InputException(
                        file.toString(),
                        0,
                        "",
                        "written to while its weights were in use",
                        "they are mapped from it: write another file and move it into its place");
            }
        }
    }

    /** What the files were that tensors were made of. */
    List<Stamp> stamps() {
        return stamps;
    }

    /**
     * Reads tensors once more, if their files are still those of now.
     *
     * @param parts what is read
     * @param read reads it
     * @return the same as read
     */
    Supplier<Tensor> again(List<StoredTensor> parts, Supplier<Tensor> read) {
        List<Stamp> now = new ArrayList<>();
        for (StoredTensor part : parts) {
            source.region(part).ifPresent(region -> now.add(stamp(region.file())));
        }
        return () -> {
            for (Stamp stamp : now) {
                if (!stamp.equals(stamp(stamp.file))) {
                    throw new InputException(
                            stamp.file.toString(),
                            0,
                            "",
                            "another file than was read",
                            "its weights are held packed, and are to be read from it once more: open the model anew");
                }
            }
            return read.get();
        };
    }

    private static Stamp stamp(Path file) {
        try {
            return Stamp.of(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    MappedFiles(WeightSource source) {
        this.source = source;
    }

    WeightSource source() {
        return source;
    }

    /**
     * Matrices that are held as they are stored, one below the other.
     *
     * @param parts whose sizes agree but for the first
     * @param held in what they are held
     * @return (rows, columns); null unless they are stored so, behind one another in one file
     */
    @Nullable
    Tensor map(List<StoredTensor> parts, Precision held) {
        Region begin = source.region(parts.get(0)).orElse(null);
        if (begin == null || begin.offset() % held.bytes() != 0) {
            return null;
        }
        long end = begin.offset();
        long rows = 0;
        for (StoredTensor part : parts) {
            Region own = source.region(part).orElse(null);
            if (own == null || part.precision() != held || !own.equals(new Region(begin.file(), end))) {
                return null;
            }
            end += part.bytes();
            rows += part.shape()[0];
        }
        Tensor file = file(begin.file());
        return file == null
                ? null
                : file.narrow(0, begin.offset(), end - begin.offset())
                        .view(Native.type(held))
                        .view(rows, parts.get(0).shape()[1]);
    }

    /** Null where the system does not map it: it is read then. */
    @Nullable
    private Tensor file(Path path) {
        Tensor known = files.get(path);
        if (known != null) {
            return known;
        }
        try {
            Stamp stamp = Stamp.of(path);
            Tensor bytes = torch.from_file(
                    path.toString(),
                    new BoolOptional(false),
                    new LongOptional(stamp.size),
                    new TensorOptions(ScalarType.Byte));
            bytes.retainReference();
            files.put(path, bytes);
            stamps.add(stamp);
            return bytes;
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    @Override
    public void close() {
        files.values().forEach(Tensor::releaseReference);
        files.clear();
    }
}
