# One image for all services; the command picks the process: `docker run almanac scheduler`.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# With the optional packages: the bundler's native part is one of them. Without install scripts: nothing here needs any.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build \
  && rm -rf build/test build/bench build/scripts build/.tsbuildinfo \
  && mkdir /text && find db autoscaler '(' -name '*.sql' -o -name '*.proto' ')' -exec cp --parents '{}' /text ';'

# What the services need at run time: no compiler, no web packages, no embedded PostgreSQL.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /text ./
COPY --from=build /app/build ./build
# The user `node`, as a number: Kubernetes can not see from a name that it is not root.
USER 1000:1000
ENTRYPOINT ["node", "--enable-source-maps", "build/bin/almanac.js"]
CMD ["--help"]
