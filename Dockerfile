# clseq with pocl, for any machine with a container engine:
#
#   docker build -t clseq .
#   docker run --rm -v "$PWD:/work" clseq train ratings.dat
#
# For an NVIDIA GPU: docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility ...
ARG SWIFT_VERSION=6.3

FROM swift:${SWIFT_VERSION}-bookworm AS build
WORKDIR /source
COPY . .
RUN Scripts/package-deb /package

FROM debian:bookworm-slim
RUN --mount=from=build,source=/package,target=/package \
  apt-get update && \
  apt-get install -y --no-install-recommends /package/clseq_*.deb pocl-opencl-icd && \
  rm -rf /var/lib/apt/lists/* && \
  mkdir -p /etc/OpenCL/vendors && \
  echo libnvidia-opencl.so.1 > /etc/OpenCL/vendors/nvidia.icd
WORKDIR /work
ENTRYPOINT ["clseq"]
CMD ["--help"]
