package dev.credence.torch.architecture;

/**
 * An adapter's two factors of one weight, in a file.
 *
 * @param weight the stored weight it belongs to
 * @param scale factor of their product
 * @param down A (r, in)
 * @param up B (out, r)
 */
public record StoredAdapter(String weight, double scale, StoredTensor down, StoredTensor up) {}
