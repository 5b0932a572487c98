/** Transformers on libtorch. What they are made of (layers, tensors, weights, inference) is inside. */
module dev.credence.torch {
    requires static org.jspecify;
    requires transitive dev.credence.core;
    requires java.management;
    requires org.bytedeco.dnnl;
    requires org.bytedeco.javacpp;
    requires org.bytedeco.openblas;
    requires org.bytedeco.pytorch;

    exports dev.credence.torch;
    exports dev.credence.torch.architecture;
    exports dev.credence.torch.training;
    exports dev.credence.torch.trie;
}
