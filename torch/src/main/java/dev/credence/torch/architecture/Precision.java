package dev.credence.torch.architecture;

import java.util.Locale;

/** How a number is held. */
public enum Precision {
    /** 64 bits. */
    FLOAT64(8),
    /** 32 bits. */
    FLOAT32(4),
    /** 16 bits, IEEE half. */
    FLOAT16(2),
    /** 16 bits, the upper half of a float32. */
    BFLOAT16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** {@return its name in the field's words} */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return the size of a number} */
    public int bytes() {
        return bytes;
    }
}
