package dev.credence.torch.weights;

import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.NativeLibraries;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.memory.data_type;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Products of rows and packed weights by oneDNN, each by one thread, loaded at the first: no command without large models waits for
 * it. Code is made for a shape and a number of rows when they are first met, and kept by the thread that met them.
 */
final class OneDnn {
    /**
     * Numbers of a row that are multiplied at once where it meets weights of 16 bits in single precision: of longer ones oneDNN 3.11
     * multiplies all but the first 512 by the wrong weights.
     */
    static final int WIDENED = 512;

    private static final int ROWS = 32; // for which weights are laid out; they serve any number
    private static final int KEPT = 512; // products of a thread whose code is kept
    private static final double SAME = 1e-5; // of the sum of what is added up
    private static final String FAST = "brg"; // what its fast products are called; others take for ever
    private static final int DONE = 0; // a status

    private static final Map<Shape, memory.desc> PACKED = new ConcurrentHashMap<>();
    private static final Set<Shape> CHECKED = ConcurrentHashMap.newKeySet();
    private static final ThreadLocal<Map<Product, Code>> CODE = ThreadLocal.withInitial(OneDnn::ofThisThread);

    private OneDnn() {}

    /**
     * A matrix.
     *
     * @param in numbers of a row that is multiplied
     * @param out numbers that are made of it
     * @param type of its own numbers
     * @param narrow whether rows are bfloat16, rather than single precision
     */
    record Shape(int in, int out, ScalarType type, boolean narrow) {
        private data_type rows() {
            return narrow ? data_type.bf16 : data_type.f32;
        }

        private data_type weights() {
            return switch (type) {
                case Float -> data_type.f32;
                case BFloat16 -> data_type.bf16;
                case Half -> data_type.f16;
                default -> throw new IllegalArgumentException("numbers are " + type + "; 32 and 16 bits are packed");
            };
        }
    }

    /**
     * A product of a matrix.
     *
     * @param rows how many
     * @param from numbers from a row to the next
     * @param to the same of what is made
     * @param adds to what is there
     */
    record Product(Shape shape, int rows, long from, long to, boolean adds) {}

    /** The processor. */
    private static final class Library {
        static final engine ENGINE;

        static {
            NativeLibraries.load("onednn", dnnl.class);
            ENGINE = new engine(engine.kind.cpu, 0);
            ENGINE.retainReference();
        }
    }

    /** What it is fast at here. */
    private static final class Found {
        static final boolean SINGLE = isFast(new Shape(64, 64, ScalarType.Float, false))
                && isFast(new Shape(64, 64, ScalarType.BFloat16, false))
                && isFast(new Shape(64, 64, ScalarType.Half, false));
        static final boolean NARROW = SINGLE && isFast(new Shape(64, 64, ScalarType.BFloat16, true));

        private static boolean isFast(Shape shape) {
            return Native.within(() -> described(new Product(shape, ROWS, shape.in, shape.out, false), any(shape))
                    .impl_info_str()
                    .getString()
                    .startsWith(FAST));
        }
    }

    /** Whether it is there, and has fast products for this processor. */
    static boolean isPossible() {
        try {
            return Found.SINGLE;
        } catch (LinkageError | RuntimeException e) { // JavaCPP throws either, by what is missing
            return false;
        }
    }

    /** Whether this processor multiplies numbers in bfloat16, without widening them. */
    static boolean multipliesNarrowRows() {
        return isPossible() && Found.NARROW;
    }

    /**
     * Packs weights (out, in), in whatever order they lie, into (bytes).
     *
     * @throws IllegalStateException if what is made of such ones is wrong
     */
    static Tensor pack(Shape shape, Tensor weights) {
        CODE.get(); // this thread's, for packing is done by as many native threads as it may have
        Tensor into = Native.onHost(ScalarType.Byte, packed(shape).get_size());
        Native.within(() -> {
            long[] steps = {weights.stride(1), weights.stride(0)};
            memory stored = memory(
                    new memory.desc(new long[] {shape.in, shape.out}, shape.weights(), steps), weights.data_ptr());
            memory packed = memory(packed(shape), into.data_ptr());
            stream own = new stream(Library.ENGINE);
            new reorder(stored, packed).execute(own, stored, packed);
            own._wait();
            if (!CHECKED.contains(shape)) {
                check(shape, weights, into);
                CHECKED.add(shape);
            }
        });
        return into;
    }

    /** The first matrix of a shape is multiplied once in both ways. */
    private static void check(Shape shape, Tensor weights, Tensor packed) {
        Tensor rows = torch.randn(ROWS, shape.in);
        rows = shape.narrow ? rows.to(ScalarType.BFloat16) : rows;
        Tensor found = Native.onHost(ScalarType.Float, ROWS, shape.out);
        Product product = new Product(shape, ROWS, shape.in, shape.out, false);
        multiply(product, rows.data_ptr(), 0, packed.data_ptr(), found.data_ptr(), 0);
        Tensor wide = weights.to(ScalarType.Float).t();
        Tensor right = rows.to(ScalarType.Float).matmul(wide);
        double room =
                SAME * rows.to(ScalarType.Float).abs().matmul(wide.abs()).amax().item_double();
        if (!(found.sub(right).abs().amax().item_double() <= room)) {
            throw new IllegalStateException(String.format(
                    "oneDNN multiplies by matrices of %d x %d numbers wrongly on this processor; -Dcredence.packed=false does"
                            + " without it",
                    shape.out, shape.in));
        }
    }

    /**
     * Rows (n, in), n at least 2, times packed weights, into what is made (n, out) or added to it.
     *
     * @param product what is multiplied
     * @param rows the first number of the rows
     * @param first which number of them is the first that is multiplied
     * @param packed weights
     * @param to where numbers are made
     * @param written bytes from there to the first of them
     */
    static void multiply(Product product, Pointer rows, long first, Pointer packed, Pointer to, long written) {
        Map<Product, Code> kept = CODE.get();
        Code code = kept.get(product);
        if (code == null) {
            code = Native.within(() -> new Code(product));
            kept.put(product, code);
        }
        int bytes = product.shape.narrow ? Short.BYTES : Float.BYTES;
        code.run(behind(rows, first * bytes), packed, behind(to, written));
    }

    private static Pointer behind(Pointer first, long bytes) {
        return bytes == 0 ? first : new BytePointer(first).position(bytes);
    }

    private static memory memory(memory.desc layout, Pointer numbers) {
        return new memory(layout, Library.ENGINE, numbers);
    }

    private static memory.desc any(Shape shape) {
        return new memory.desc(new long[] {shape.in, shape.out}, shape.weights(), format_tag.any);
    }

    private static memory.desc packed(Shape shape) {
        return PACKED.computeIfAbsent(
                shape,
                own -> Native.within(() -> {
                    memory.desc layout =
                            new memory.desc(described(new Product(own, ROWS, own.in, own.out, false), any(own))
                                    .weights_desc());
                    layout.retainReference();
                    return layout;
                }));
    }

    private static matmul.primitive_desc described(Product product, memory.desc weights) {
        Shape shape = product.shape;
        memory.desc from =
                new memory.desc(new long[] {product.rows, shape.in}, shape.rows(), new long[] {product.from, 1});
        memory.desc to =
                new memory.desc(new long[] {product.rows, shape.out}, data_type.f32, new long[] {product.to, 1});
        primitive_attr attributes = new primitive_attr();
        if (product.adds) {
            post_ops sum = new post_ops();
            sum.append_sum();
            attributes.set_post_ops(sum);
        }
        return new matmul.primitive_desc(Library.ENGINE, from, weights, to, attributes, false);
    }

    /** No code yet, and no more than one native thread. */
    private static Map<Product, Code> ofThisThread() {
        torch.init_num_threads();
        return new LinkedHashMap<>(16, .75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Product, Code> eldest) {
                if (size() <= KEPT) {
                    return false;
                }
                eldest.getValue().release();
                return true;
            }
        };
    }

    /** Code of a product, and where it finds its numbers; of one thread. */
    private static final class Code {
        private final Pointer[] held;
        private final memory rows;
        private final memory weights;
        private final memory to;
        private final dnnl_primitive code;
        private final dnnl_stream stream;
        private final dnnl_exec_arg_t arguments;

        Code(Product product) {
            memory.desc packed = packed(product.shape);
            matmul.primitive_desc described = described(product, packed);
            matmul made = new matmul(described);
            stream own = new stream(Library.ENGINE);
            rows = memory(described.src_desc(), new Pointer());
            weights = memory(packed, new Pointer());
            to = memory(described.dst_desc(), new Pointer());
            code = made.get();
            stream = own.get();
            arguments = new dnnl_exec_arg_t(3);
            argument(0, dnnl.DNNL_ARG_SRC, rows);
            argument(1, dnnl.DNNL_ARG_WEIGHTS, weights);
            argument(2, dnnl.DNNL_ARG_DST, to);
            arguments.position(0);
            held = new Pointer[] {made, own, rows, weights, to, code, stream, arguments};
            for (Pointer pointer : held) {
                pointer.retainReference();
            }
        }

        private void argument(int place, int which, memory numbers) {
            arguments.position(place).arg(which).memory(numbers.get());
        }

        void run(Pointer from, Pointer by, Pointer into) {
            rows.set_data_handle(from);
            weights.set_data_handle(by);
            to.set_data_handle(into);
            int status = dnnl.dnnl_primitive_execute(code, stream, 3, arguments);
            if (status != DONE) {
                throw new IllegalStateException("oneDNN does not multiply: status " + status);
            }
        }

        void release() {
            for (Pointer pointer : held) {
                pointer.releaseReference();
            }
        }
    }
}
