package dev.credence.torch.architecture;

/** What a weight does in the model. */
public enum Role {
    /** (V, d) token embedding. */
    EMBEDDING,
    /** (context, d) learned positions. */
    POSITIONS,
    /** (d) scale before the attention. */
    ATTENTION_NORM,
    /** (d) shift before the attention. */
    ATTENTION_NORM_BIAS,
    /** (queries, keys, values; d) projection into the attention. */
    ATTENTION_IN,
    /** (queries, keys, values) its bias. */
    ATTENTION_IN_BIAS,
    /** (head) scale of each query head. */
    QUERY_NORM,
    /** (head) scale of each key head. */
    KEY_NORM,
    /** (d, queries) projection out of the attention. */
    ATTENTION_OUT,
    /** (d) its bias. */
    ATTENTION_OUT_BIAS,
    /** (d) scale before the feed-forward part. */
    FEED_FORWARD_NORM,
    /** (d) shift before the feed-forward part. */
    FEED_FORWARD_NORM_BIAS,
    /** (gate, inner; d) projection into the feed-forward part. */
    FEED_FORWARD_IN,
    /** (gate, inner) its bias. */
    FEED_FORWARD_IN_BIAS,
    /** (d, inner) projection out of the feed-forward part. */
    FEED_FORWARD_OUT,
    /** (d) its bias. */
    FEED_FORWARD_OUT_BIAS,
    /** (d) scale before the head. */
    FINAL_NORM,
    /** (d) shift before the head. */
    FINAL_NORM_BIAS,
    /** (V, d) head, where it is not the embedding. */
    HEAD
}
