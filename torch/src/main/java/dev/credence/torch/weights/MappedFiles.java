package dev.credence.torch.weights;

import dev.credence.torch.architecture.Precision;
import dev.credence.torch.architecture.StoredTensor;
import dev.credence.torch.architecture.WeightSource;
import dev.credence.torch.architecture.WeightSource.Region;
import dev.credence.torch.tensors.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Files of weights as memory: the system reads a page when it is first used, and may drop it again. Tensors made of a file keep it
 * mapped after this is closed. A file must not be written to in place while it is; one that is replaced by another is no matter.
 */
final class MappedFiles implements AutoCloseable {
    private final WeightSource source;
    private final Map<Path, Tensor> files = new HashMap<>(); // (bytes) each

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
            Tensor bytes = torch.from_file(
                    path.toString(),
                    new BoolOptional(false),
                    new LongOptional(Files.size(path)),
                    new TensorOptions(ScalarType.Byte));
            bytes.retainReference();
            files.put(path, bytes);
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
